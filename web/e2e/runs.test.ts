// Studies that train a supernet, in a real Chromium: one that has ended, one that failed, one that is live.
import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { audit, fits, picture, stage, url } from "./browser";

const s = stage();

async function open(name: string) {
  await s.page.goto(url);
  await s.page.getByRole("link", { name, exact: true }).first().click();
  await s.page.getByRole("heading", { level: 1, name }).waitFor();
  await s.page.getByRole("heading", { level: 2, name: "Runs" }).waitFor();
}

const values = async () => (await cells().allTextContents()).join(" ");
const cells = () => s.page.getByRole("table", { name: /^Normal cell/ }).locator("tbody td");

test("a supernet shows its curves, its distribution and signs of collapse", async () => {
  await open("Supernet");
  await s.page.getByText("epoch 30 of 30").first().waitFor();
  for (const name of ["Loss", "Top-1", "Skip connections", "Largest eigenvalue"]) {
    await s.page.getByRole("img", { name: `${name} by epoch` }).waitFor();
  }
  await s.page.getByRole("alert").filter({ hasText: "7 of 8 edges are skip connections" }).waitFor();
  await s.page.getByRole("alert").filter({ hasText: "largest eigenvalue" }).waitFor();
  await s.page.getByRole("heading", { name: "Derived networks" }).waitFor();
  await cells().first().waitFor();
  expect(await s.page.getByRole("table", { name: /cell: probabilities in per cent at epoch 30/ }).count()).toBe(2);
  expect(await s.page.getByRole("rowheader", { name: "node 3 ← 4" }).count()).toBe(2);
  await audit(s.page);
  await picture(s.page, "supernet");
});

test("the distribution is played and moved by keys", async () => {
  await open("Supernet");
  const slider = s.page.getByRole("slider", { name: "Epoch" });
  await slider.focus();
  const end = await values();
  await s.page.keyboard.press("Home");
  await s.page.getByRole("table", { name: /^Normal cell: .* at epoch 1$/ }).waitFor();
  expect(await values()).not.toBe(end);
  await s.page.keyboard.press("ArrowRight");
  await s.page.getByRole("table", { name: /^Normal cell: .* at epoch 2$/ }).waitFor();
  await s.page.getByRole("button", { name: "Play" }).press("Enter");
  await s.page.getByRole("button", { name: "Pause" }).waitFor();
  await s.page.getByRole("table", { name: /^Normal cell: .* at epoch 30$/ }).waitFor({ timeout: 20_000 });
  await s.page.getByRole("button", { name: "Play" }).waitFor();
  expect(await values()).toBe(end);
});

test("a failed supernet says why", async () => {
  await open("No memory");
  await s.page.getByText("out of memory: a batch of 64 needs 90 GiB").first().waitFor();
  await audit(s.page);
  await picture(s.page, "supernet-failed");
});

test("a live supernet shows its progress and can be paused", async () => {
  await open("Live supernet");
  await s.page.getByText("epoch 4 of 50").first().waitFor();
  await s.page.getByText("running").first().waitFor();
  await s.page.getByText(/^No trials yet/).waitFor();
  await picture(s.page, "supernet-live");
  await s.page.getByRole("button", { name: "Pause" }).click();
  await s.page.getByRole("button", { name: "Resume" }).waitFor();
  await s.page.getByRole("button", { name: "Resume" }).click();
  await s.page.getByRole("button", { name: "Pause" }).waitFor();
});

test("dark and on a phone", async () => {
  await s.page.goto(url);
  await s.page.getByLabel("Theme").selectOption("dark");
  await open("Supernet");
  await s.page.getByRole("table", { name: /^Normal cell/ }).waitFor();
  await audit(s.page);
  await picture(s.page, "supernet-dark");
  await s.page.setViewportSize({ width: 390, height: 800 });
  await fits(s.page);
  await audit(s.page);
  await picture(s.page, "supernet-phone");
});

test("a study that minds latency shows its layers, and what it measured has a page", async () => {
  await open("Latency");
  await s.page.getByRole("button", { name: "measure 1" }).waitFor();
  const layers = s.page.getByRole("table", { name: /^Layers: .* at epoch 6$/ });
  await expect.poll(() => layers.getByRole("rowheader").count()).toBe(22);
  await audit(s.page);
  await picture(s.page, "supernet-latency");
  await s.page.getByRole("button", { name: "measure 1" }).click();
  await s.page.getByRole("article", { name: "Run of kind measure" }).waitFor();
  await s.page.getByRole("link", { name: "Latencies" }).click();
  await s.page.getByRole("link", { name: "imagination, 2 threads" }).click();
  await s.page.getByRole("heading", { level: 1, name: "imagination, 2 threads" }).waitFor();
  const entries = s.page.getByRole("table").locator("tbody tr");
  await entries.first().waitFor();
  const all = await entries.count();
  const [saved] = await Promise.all([s.page.waitForEvent("download"), s.page.getByRole("button", { name: /Download/ }).click()]);
  const document = JSON.parse(await readFile(await saved.path(), "utf8")) as { entries: Record<string, number> };
  expect(Object.keys(document.entries).length).toBe(all);
  await s.page.getByRole("searchbox", { name: "Find" }).fill(Object.keys(document.entries)[3] ?? "");
  await expect.poll(() => entries.count()).toBe(1);
  await audit(s.page);
  await s.page.getByRole("searchbox", { name: "Find" }).fill("");
  await picture(s.page, "latencies");
});
