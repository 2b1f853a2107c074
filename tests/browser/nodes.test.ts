import { afterAll, beforeAll, expect, setDefaultTimeout } from "bun:test";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { type Stack, startStack } from "../../scripts/stack/stack.ts";
import { requires, testIf } from "../../scripts/testing/requires.ts";
import { ended, must, run, waitFor } from "../lib/person.ts";
import { type OpenBrowser, openBrowser } from "./browser.ts";
import { type Account, newAccount } from "./hub.ts";

setDefaultTimeout(120_000);

const folder = mkdtempSync(join(tmpdir(), "podium-nodes-"));
// Run as root, Postgres gets a user of its own, who must be able to walk through this folder.
chmodSync(folder, 0o711);

let stack: Stack;
let browser: OpenBrowser;
let page: Page;
let ada: Account;
let node: string;
const complaints: string[] = [];

beforeAll(async () => {
  const { path } = requires("chromium");
  if (path === undefined) return;
  stack = await startStack({ dataDir: join(folder, "data"), durable: false });
  ada = await newAccount(stack.hubUrl, "ada");
  node = must(await ada.api.GET("/api/v1/nodes")).items[0]?.name ?? "";
  // The first sample is taken within some seconds, and pages look for more of them only twice a minute.
  await waitFor("a sample of the node", 60_000, async () => {
    const params = { path: { name: node } };
    const { points } = must(await ada.api.GET("/api/v1/nodes/{name}/figures", { params }));
    return points.length > 0 ? true : null;
  });
  browser = await openBrowser(path);
  page = await browser.context.newPage();
  page.on("pageerror", (error) => complaints.push(error.message));
  await page.goto(`${stack.hubUrl}/nodes`);
  await page.getByLabel("E-mail").fill(ada.email);
  await page.getByLabel("Password").fill(ada.password);
  await page.getByRole("button", { name: "Log in" }).click();
});

afterAll(async () => {
  await browser?.close();
  await stack?.stop();
  rmSync(folder, { recursive: true, force: true });
});

testIf(
  "chromium",
  "the nodes' page shows each machine and what it does, and leads to its own page",
  async () => {
    const row = page.getByRole("region", { name: "Figures of the nodes" }).locator("tbody tr");
    await row.getByText(/\d %/).first().waitFor();
    expect(await row.count()).toBe(1);
    await page.getByRole("combobox", { name: "Time shown" }).selectOption("1 hour");
    await page.getByRole("img", { name: /^GPUs held by sessions: / }).waitFor();
    await row.getByRole("link", { name: node }).click();
    await page.getByRole("heading", { level: 1, name: node }).waitFor();
    const curves = page.getByRole("img", { name: /^Share of CPU: \d+ % on average; Share of memory: \d+ %/ });
    await curves.waitFor();
    expect(await page.getByText("GPUs over time").count()).toBe(0);
    await page.goto(`${stack.hubUrl}/nodes/nowhere`);
    await page.getByText("There is no node nowhere").waitFor();
    expect(complaints).toEqual([]);
  },
);

testIf("chromium", "a session's page says where it ran and that its log is all there", async () => {
  const session = await run(ada, stack.hubUrl, 'print("one")');
  await ended(ada, session.id);
  await page.goto(`${stack.hubUrl}/sessions/${session.id}`);
  await page.getByText("Log and metrics are all there.").waitFor();
  const attempts = page.getByRole("region", { name: "Attempts" }).locator("tbody tr");
  expect(await attempts.count()).toBe(1);
  expect(await attempts.first().textContent()).toContain(node);
  expect(complaints).toEqual([]);
});
