// The dashboard in a real Chromium, against a real server with a finished study named Digits.
import { expect, test } from "vitest";
import { audit, fits, openStudy, picture, stage, url } from "./browser";

const s = stage();

test("the list shows studies, filters them and is live", async () => {
  await s.page.goto(url);
  await s.page.getByRole("link", { name: "Digits" }).first().waitFor();
  await s.page.getByText("live", { exact: true }).waitFor();
  await audit(s.page);
  await picture(s.page, "studies");
  await s.page.getByLabel("State").selectOption("paused");
  await s.page.getByText("No study is paused").waitFor();
  expect(new URL(s.page.url()).searchParams.get("state")).toBe("paused");
});

test("a study shows its result, charts and trials", async () => {
  await openStudy(s.page);
  await s.page.getByRole("heading", { name: "Result on the test set" }).waitFor();
  await s.page.getByText(/points (above|below) the hand-made baseline|on images that the search never saw/).waitFor();
  await s.page.getByRole("img", { name: /Best top1 by trial/ }).waitFor();
  await s.page.getByRole("button", { name: /^FLOPs/ }).click();
  await s.page.locator("th[aria-sort=descending]", { hasText: "FLOPs" }).waitFor();
  expect(new URL(s.page.url()).searchParams.get("sort")).toBe("-flops");
  await s.page.getByLabel("Second objective").selectOption("params");
  await s.page.getByRole("img", { name: "top1 against params" }).waitFor();
  await audit(s.page);
  await picture(s.page, "study");
  await s.page.getByLabel("Trial state").selectOption("cancelled");
  await s.page.getByText("No trial is cancelled").waitFor();
});

test("what a study found can be downloaded", async () => {
  await openStudy(s.page);
  const [saved] = await Promise.all([s.page.waitForEvent("download"), s.page.getByRole("button", { name: /Weights/ }).click()]);
  expect(saved.suggestedFilename()).toBe("weights.safetensors");
});

test("a trial shows its curve, network, recipe and files", async () => {
  await openStudy(s.page);
  await s.page.getByRole("link", { name: "best candidate" }).click();
  await s.page.getByRole("img", { name: /by epoch/ }).waitFor();
  const drawing = s.page.getByRole("application", { name: /Drawing of the network/ });
  await drawing.locator("svg text").first().waitFor();
  const place = () => drawing.locator(".sheet").getAttribute("style");
  const before = await place();
  await drawing.press("+");
  await drawing.press("ArrowDown");
  await expect.poll(place).not.toBe(before);
  await s.page.getByRole("heading", { name: "Recipe" }).waitFor();
  await s.page.getByRole("button", { name: /TorchScript/ }).waitFor();
  await s.page.getByRole("button", { name: "Fit" }).click();
  await audit(s.page);
  await picture(s.page, "trial");
});

test("workers are listed", async () => {
  await s.page.goto(`${url}/workers`);
  await s.page.getByRole("cell", { name: "worker", exact: true }).waitFor();
  await audit(s.page);
  await picture(s.page, "workers");
});

test("dark mode and a phone", async () => {
  await s.page.goto(url);
  await s.page.getByLabel("Theme").selectOption("dark");
  await s.page.getByRole("link", { name: "Digits" }).first().waitFor();
  await audit(s.page);
  await s.page.setViewportSize({ width: 390, height: 800 });
  await openStudy(s.page);
  await s.page.getByRole("img", { name: /Best top1 by trial/ }).waitFor();
  await fits(s.page);
  await audit(s.page);
  await picture(s.page, "phone-dark");
});

test("the keyboard leads everywhere", async () => {
  await s.page.goto(url);
  await s.page.getByRole("link", { name: "Digits" }).first().waitFor();
  await s.page.evaluate(() => (document.activeElement as HTMLElement).blur());
  await s.page.keyboard.press("w");
  await s.page.getByRole("heading", { level: 1, name: "Workers" }).waitFor();
  await s.page.keyboard.press("?");
  await s.page.getByRole("dialog").waitFor();
  await s.page.keyboard.press("Escape");
  await s.page.keyboard.press("n");
  await s.page.getByRole("heading", { level: 1, name: "New study" }).waitFor();
  await s.page.reload();
  await s.page.getByRole("heading", { level: 1, name: "New study" }).waitFor();
  await s.page.getByText("Skip to content").focus();
  expect(await s.page.evaluate(() => document.activeElement?.textContent)).toBe("Skip to content");
});
