import { afterAll, beforeAll, expect, setDefaultTimeout } from "bun:test";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { type Stack, startStack } from "../../scripts/stack/stack.ts";
import { requires, testIf } from "../../scripts/testing/requires.ts";
import { logIn as logInToApi, run } from "../lib/person.ts";
import { type OpenBrowser, openBrowser } from "./browser.ts";
import { type Account, csv, makeCompetition, newAccount, submitPredictions } from "./hub.ts";

setDefaultTimeout(120_000);

const DESCRIPTION = "Guess three numbers.\n<b>Nothing here is markup.</b>";
const SCRIPT = `import time
print("reading the data", flush=True)
time.sleep(1)
print("\\x1b[32mdone\\x1b[0m training", flush=True)
`;

const folder = mkdtempSync(join(tmpdir(), "podium-board-"));
// Run as root, Postgres gets a user of its own, who must be able to walk through this folder.
chmodSync(folder, 0o711);

let stack: Stack;
let browser: OpenBrowser;
let page: Page;
let organizer: Account;
let ada: Account;
let bob: Account;
const complaints: string[] = [];

beforeAll(async () => {
  const { path } = requires("chromium");
  if (path === undefined) return;
  stack = await startStack({ dataDir: join(folder, "data"), durable: false });
  const { hubUrl } = stack;
  const admin = await logInToApi(hubUrl, stack.admin);
  organizer = await newAccount(hubUrl, "film-lab");
  ada = await newAccount(hubUrl, "ada");
  bob = await newAccount(hubUrl, "bob");
  await admin.api.PATCH("/api/v1/users/{email}/role", {
    params: { path: { email: organizer.email } },
    body: { role: "organizer" },
  });
  await makeCompetition(hubUrl, organizer, "numbers", DESCRIPTION);
  const params = { path: { name: "numbers" } };
  for (const { api } of [ada, bob])
    await api.POST("/api/v1/competitions/{name}/entrants", { params, body: {} });

  browser = await openBrowser(path);
  page = await browser.context.newPage();
  // Refusals are part of the story; what the page itself does wrong is not.
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    const isRefusal = message.text().startsWith("Failed to load resource");
    if (message.type() === "error" && !isRefusal) complaints.push(message.text());
  });
});

afterAll(async () => {
  await browser?.close();
  await stack?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function logIn(person: { email: string; password: string }): Promise<void> {
  await page.getByLabel("E-mail").fill(person.email);
  await page.getByLabel("Password").fill(person.password);
  await page.getByRole("button", { name: "Log in" }).click();
  const inside = page.getByRole("button", { name: "Log out" });
  await inside.or(page.getByRole("alert")).waitFor();
}

const submit = (entrant: Account, text: string) => submitPredictions(stack.hubUrl, entrant, "numbers", text);

const boardRow = (rank: number) =>
  page
    .getByRole("region", { name: "Leaderboard" })
    .locator("tbody tr")
    .nth(rank - 1);

testIf(
  "chromium",
  "a wrong password is refused in words; the right one leads where one wanted to go",
  async () => {
    await page.goto(`${stack.hubUrl}/competitions/numbers`);
    await logIn({ email: ada.email, password: "not her password" });
    expect(await page.getByRole("alert").textContent()).not.toBe("");

    await logIn(ada);
    await page.getByRole("heading", { name: "Three numbers" }).waitFor();
    expect(new URL(page.url()).pathname).toBe("/competitions/numbers");
    await page.getByText("You take part as ada").waitFor();
    await page.getByText("No scores yet").waitFor();
  },
);

testIf("chromium", "the organizer's text is shown as text", async () => {
  await page.getByText("<b>Nothing here is markup.</b>").waitFor();
});

testIf("chromium", "the board changes by itself when others and oneself are scored", async () => {
  await page.getByText("Live", { exact: true }).waitFor();
  // A page that reloads loses this.
  await page.evaluate(() => document.documentElement.setAttribute("data-same-page", "yes"));

  await submit(bob, csv("prediction", [2, 3, 4]));
  await boardRow(1).getByText("bob").waitFor();
  expect(await boardRow(1).textContent()).toContain("1.000");

  await submit(ada, csv("prediction", [1, 2, 4]));
  await boardRow(1).getByText("ada").waitFor();
  await boardRow(1).getByText("you", { exact: true }).waitFor();
  expect(await boardRow(1).textContent()).toContain("0.333");
  await boardRow(2).getByText("bob").waitFor();
  expect(await page.locator("[data-same-page=yes]").count()).toBe(1);
});

testIf("chromium", "a failed submission shows the hub's full words, and that it cost nothing", async () => {
  const { failure, refunded } = await submit(ada, "id,prediction\n1,1\n2,2\n7,3\n");
  expect(failure?.message).toContain("7");
  expect(refunded).toBe(true);
  await page.getByText(failure?.message ?? "").waitFor();
  await page.getByText("This failure cost neither credit nor a try.").waitFor();
});

testIf("chromium", "a session's page follows it: its log as it is written, then how it ended", async () => {
  const { id } = await run(ada, stack.hubUrl, SCRIPT, { args: ["--rate", "0.5"] });
  await page.goto(`${stack.hubUrl}/sessions/${id}`);
  const log = page.getByRole("log");
  await log.getByText("reading the data").waitFor();
  await log.getByText("done training", { exact: true }).waitFor();
  await page.locator(".page-head").getByText("succeeded").waitFor();
  await page.getByText("2 lines, complete").waitFor();
  await page.getByText("main.py --rate 0.5").waitFor();
});

testIf(
  "chromium",
  "the organizer closes the round after being asked, and everybody sees the winner",
  async () => {
    await page.getByRole("button", { name: "Log out" }).click();
    await logIn(organizer);
    await page.goto(`${stack.hubUrl}/competitions/numbers`);
    await page.getByRole("button", { name: "Close the round" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("button", { name: "Cancel" }).click();
    await dialog.waitFor({ state: "detached" });

    await page.getByRole("button", { name: "Close the round" }).click();
    await dialog.getByRole("button", { name: "Close the round" }).click();
    await boardRow(1).getByText("winner").waitFor();
    await page.getByRole("navigation", { name: "Rounds" }).getByText("closed", { exact: true }).waitFor();
  },
);

testIf("chromium", "none of this made the page itself fail, under the hub's content security policy", () => {
  expect(complaints).toEqual([]);
});
