// The dashboard in a real Chromium, against a real server with a finished study.
import { mkdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { type Browser, type Page, chromium } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";

const url = process.env["NASCENT_URL"] ?? "http://127.0.0.1:8080";
const executablePath = process.env["NASCENT_CHROMIUM"] ?? "/usr/bin/chromium";
const screenshots = new URL("screenshots/", import.meta.url).pathname;
let browser: Browser;
let page: Page;
let errors: string[];
let axe: string;

beforeAll(async () => {
  await mkdir(screenshots, { recursive: true });
  axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
  const args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"];
  browser = await chromium.launch({ executablePath, args });
});
afterAll(() => browser.close());

beforeEach(async () => {
  errors = [];
  page = await browser.newPage({ viewport: { width: 1200, height: 900 } });
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  page.on("pageerror", (error) => errors.push(error.message));
});
afterEach(async () => {
  await page.close();
  expect(errors).toEqual([]);
});

type Violation = { id: string; impact: string; nodes: { html: string }[] };

/** No serious fault of accessibility on the page as it stands. */
async function audit() {
  await page.evaluate(axe);
  const violations = await page.evaluate(async () => {
    const run = (window as unknown as { axe: { run: () => Promise<{ violations: Violation[] }> } }).axe.run;
    return (await run()).violations;
  });
  const grave = violations.filter((v) => v.impact === "serious" || v.impact === "critical");
  expect(grave.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(" ")}`)).toEqual([]);
}

async function firstStudy() {
  await page.goto(url);
  await page.getByRole("link", { name: "Digits" }).first().click();
  await page.getByRole("heading", { level: 1, name: "Digits" }).waitFor();
}

test("the list shows studies, filters them and is live", async () => {
  await page.goto(url);
  await page.getByRole("link", { name: "Digits" }).first().waitFor();
  await page.getByText("live", { exact: true }).waitFor();
  await audit();
  await page.screenshot({ path: `${screenshots}/studies.png` });
  await page.getByLabel("State").selectOption("paused");
  await page.getByText("No studies yet").waitFor();
  expect(new URL(page.url()).searchParams.get("state")).toBe("paused");
});

test("a study shows its result, charts and trials", async () => {
  await firstStudy();
  await page.getByRole("heading", { name: "Result on the test set" }).waitFor();
  await page.getByRole("img", { name: /Best top1 by trial/ }).waitFor();
  await page.getByRole("button", { name: "flops" }).click();
  await page.getByRole("columnheader", { name: /flops/ }).waitFor();
  expect(new URL(page.url()).searchParams.get("sort")).toBe("-flops");
  await audit();
  await page.screenshot({ path: `${screenshots}/study.png`, fullPage: true });
});

test("a trial shows its curve, network, recipe and files", async () => {
  await firstStudy();
  await page.getByRole("link", { name: "best candidate" }).click();
  await page.getByRole("img", { name: /by epoch/ }).waitFor();
  const drawing = page.getByRole("img", { name: /Layers of the network/ });
  await expect.poll(() => drawing.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(0);
  await page.getByRole("link", { name: "weights" }).waitFor();
  await audit();
  await page.screenshot({ path: `${screenshots}/trial.png`, fullPage: true });
});

test("the form starts a study, and faults stand at their fields", async () => {
  await page.goto(`${url}/new`);
  await page.getByText(/genotypes/).waitFor();
  await audit();
  await page.getByLabel("Data set").fill("no-such-data");
  await page.getByRole("button", { name: "Start the search" }).click();
  await page.locator("#field-dataset-fault").waitFor();
  // The refused request is the only error that may stand in the console.
  expect(errors.every((error) => error.includes("422"))).toBe(true);
  errors.length = 0;
  await page.getByLabel("Data set").fill("digits");
  await page.getByLabel("Name of the study").fill("From the form");
  await page.getByLabel("Trials", { exact: true }).fill("2");
  await page.getByLabel("Epochs of a trial").fill("1");
  await page.getByLabel(/Epochs of the final training/).fill("0");
  await page.getByRole("button", { name: "Start the search" }).click();
  await page.getByRole("heading", { level: 1, name: "From the form" }).waitFor();
  await page.getByText("completed").first().waitFor({ timeout: 50_000 });
});

test("workers are listed", async () => {
  await page.goto(`${url}/workers`);
  await page.getByRole("cell", { name: "worker", exact: true }).waitFor();
  await audit();
});

test("dark mode, a phone and the keyboard", async () => {
  await page.goto(url);
  await page.getByLabel("Theme").selectOption("dark");
  await page.getByRole("link", { name: "Digits" }).first().waitFor();
  await audit();
  await page.setViewportSize({ width: 390, height: 800 });
  await firstStudy();
  expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(0);
  await page.screenshot({ path: `${screenshots}/phone-dark.png`, fullPage: true });
  await page.keyboard.press("Tab");
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBeTruthy();
});
