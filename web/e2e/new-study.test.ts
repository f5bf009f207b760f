// The form for a new study, against a real server with a worker that has the data set `digits`.
import { expect, test } from "vitest";
import { audit, picture, stage, url } from "./browser";

const s = stage();

test("the space is counted, and faults stand at their fields", async () => {
  await s.page.goto(`${url}/new`);
  await s.page.getByText(/genotypes in \d+ decisions/).waitFor();
  await audit(s.page);
  await picture(s.page, "new-study");
  await s.page.getByLabel("Data set").fill("no-such-data");
  await s.page.getByRole("button", { name: "Start the search" }).click();
  await s.page.locator("#field-dataset-fault").waitFor();
  expect(await s.page.evaluate(() => document.activeElement?.id)).toBe("field-dataset");
  await audit(s.page);
  // The refused request is the only error that may stand in the console.
  expect(s.errors.every((error) => error.includes("422"))).toBe(true);
  s.errors.length = 0;
});

test("strategies are grouped, and their options become fields", async () => {
  await s.page.goto(`${url}/new`);
  const strategy = s.page.getByRole("combobox", { name: "Strategy", exact: true });
  await strategy.waitFor();
  const groups = await strategy.locator("optgroup").evaluateAll((all) => all.map((group) => (group as HTMLOptGroupElement).label));
  expect(groups).toEqual(["Trains candidates one by one", "Shares weights in a supernet"]);
  await s.page.getByLabel("Space", { exact: true }).selectOption("darts");
  await strategy.selectOption("darts");
  await s.page.getByText(/One supernet holds all candidates/).waitFor();
  await s.page.getByLabel("order", { exact: true }).selectOption("second");
  await s.page.getByLabel("skip cap").fill("2");
  await s.page.getByLabel("partial channels").fill("0");
  await audit(s.page);
  await picture(s.page, "new-study-supernet");
  await s.page.getByRole("button", { name: "Start the search" }).click();
  await s.page.locator("#field-strategy-options-partial_channels-fault").waitFor();
  expect(s.errors.every((error) => error.includes("422"))).toBe(true);
  s.errors.length = 0;
});

test("a study that is started shows live progress to its end", async () => {
  await s.page.goto(`${url}/new`);
  await s.page.getByText(/genotypes in \d+ decisions/).waitFor();
  await s.page.getByLabel("Name of the study").fill("From the form");
  await s.page.getByLabel("Trials", { exact: true }).fill("2");
  await s.page.getByLabel("Epochs of a trial").fill("1");
  await s.page.getByLabel(/Epochs of the final training/).fill("0");
  await s.page.getByRole("button", { name: "Start the search" }).click();
  await s.page.getByRole("heading", { level: 1, name: "From the form" }).waitFor();
  await s.page.getByText("completed").first().waitFor({ timeout: 50_000 });
  await s.page.getByText(/^\d+ of 2$/).first().waitFor();
});
