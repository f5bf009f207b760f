// A page of a real Chromium that collects what goes wrong on it.
import { mkdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { type Browser, type Page, chromium } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect } from "vitest";

export const url = process.env["NASCENT_URL"] ?? "http://127.0.0.1:8080";
const executablePath = process.env["NASCENT_CHROMIUM"] ?? "/usr/bin/chromium";
const args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"];
const screenshots = new URL("screenshots/", import.meta.url).pathname;

type Stage = { page: Page; errors: string[] };
type Violation = { id: string; impact: string; nodes: { html: string }[] };

/** Gives every test a fresh page; an error in its console fails the test. */
export function stage(): Stage {
  let browser: Browser;
  const stage = { errors: [] as string[] } as Stage;
  beforeAll(async () => {
    await mkdir(screenshots, { recursive: true });
    browser = await chromium.launch({ executablePath, args });
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    stage.errors = [];
    stage.page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    stage.page.on("console", (message) => message.type() === "error" && stage.errors.push(message.text()));
    stage.page.on("pageerror", (error) => stage.errors.push(error.message));
  });
  afterEach(async () => {
    await stage.page.close();
    expect(stage.errors).toEqual([]);
  });
  return stage;
}

let axe: Promise<string> | undefined;

/** No serious fault of accessibility on the page as it stands. */
export async function audit(page: Page) {
  axe ??= readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
  await page.evaluate(await axe);
  const violations = await page.evaluate(async () => {
    const { axe } = window as unknown as { axe: { run: () => Promise<{ violations: Violation[] }> } };
    return (await axe.run()).violations;
  });
  const grave = violations.filter((v) => v.impact === "serious" || v.impact === "critical");
  expect(grave.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(" ")}`)).toEqual([]);
}

export const picture = (page: Page, name: string) => page.screenshot({ path: `${screenshots}/${name}.png`, fullPage: true });

/** Opens the study that the installation under test has finished. */
export async function openStudy(page: Page) {
  await page.goto(url);
  await page.getByRole("link", { name: "Digits" }).first().click();
  await page.getByRole("heading", { level: 1, name: "Digits" }).waitFor();
}

/** The page does not scroll sideways. */
export async function fits(page: Page) {
  expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(0);
}
