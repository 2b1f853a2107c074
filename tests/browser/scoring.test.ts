import { afterAll, beforeAll, expect, setDefaultTimeout } from "bun:test";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { type Stack, startStack } from "../../scripts/stack/stack.ts";
import { requires, testIf } from "../../scripts/testing/requires.ts";
import { logIn, must, run, waitFor } from "../lib/person.ts";
import { type OpenBrowser, openBrowser } from "./browser.ts";
import { type Account, csv, makeCompetition, newAccount, submitPredictions } from "./hub.ts";
import { logInAs } from "./two-rounds.ts";

setDefaultTimeout(180_000);

const folder = mkdtempSync(join(tmpdir(), "podium-scoring-"));
// Run as root, Postgres gets a user of its own, who must be able to walk through this folder.
chmodSync(folder, 0o711);

const OWN_SCORER = {
  metric: { name: "custom", value: "score", order: "descending" },
  scorer: { program: "scorer", convention: "nsml", memory_bytes: 256 * 1024 ** 2 },
};
const PROGRAM = { "evaluation.py": "print(0.75)\n" };

let stack: Stack;
let browser: OpenBrowser;
let page: Page;
let organizer: Account;
let ada: Account;
const complaints: string[] = [];

beforeAll(async () => {
  const { path } = requires("chromium");
  if (path === undefined) return;
  const env = { PODIUM_CPU_MILLI: "1000" };
  stack = await startStack({ dataDir: join(folder, "data"), durable: false, env });
  const { hubUrl } = stack;
  const admin = await logIn(hubUrl, stack.admin);
  organizer = await newAccount(hubUrl, "film-lab");
  await admin.api.PATCH("/api/v1/users/{email}/role", {
    params: { path: { email: organizer.email } },
    body: { role: "organizer" },
  });
  await makeCompetition(hubUrl, organizer, "judged", "By a program.", OWN_SCORER, PROGRAM);
  ada = await newAccount(hubUrl, "ada");
  await ada.api.POST("/api/v1/competitions/{name}/entrants", {
    params: { path: { name: "judged" } },
    body: {},
  });
  browser = await openBrowser(path);
  page = await browser.context.newPage();
  page.on("pageerror", (error) => complaints.push(error.message));
});

afterAll(async () => {
  await browser?.close();
  await stack?.stop();
  rmSync(folder, { recursive: true, force: true });
});

testIf("chromium", "the organizer sees what the scorer waits for, until it is scored", async () => {
  const { hubUrl } = stack;
  const resources = { gpus: 0, cpu_milli: 1000, memory_bytes: 128 * 1024 ** 2, disk_bytes: 64 * 1024 ** 2 };
  const busy = await run(ada, hubUrl, "import time\ntime.sleep(600)\n", { resources });
  const params = { path: { id: busy.id } };
  await waitFor("a busy node", 60_000, async () => {
    const { state } = must(await ada.api.GET("/api/v1/sessions/{id}", { params }));
    return state === "running" ? true : null;
  });
  const scored = submitPredictions(hubUrl, ada, "judged", csv("prediction", [1, 2, 3]));

  await logInAs(page, hubUrl, organizer);
  await page.goto(`${hubUrl}/competitions/judged`);
  const wait = page.getByRole("status").filter({ hasText: "1 scoring waits for a node to run your scorer" });
  await wait.getByText("Given up at no cost").waitFor();
  expect(await wait.getByRole("listitem").allTextContents()).toEqual([
    expect.stringMatching(/^local: .*CPU/),
  ]);
  await logInAs(page, hubUrl, ada);
  await page.goto(`${hubUrl}/competitions/judged`);
  await page.getByText("waiting for a place to be scored").waitFor();
  expect(await wait.count()).toBe(0);

  must(await ada.api.POST("/api/v1/sessions/{id}/stop", { params }));
  expect(await scored).toMatchObject({ state: "scored", score: 0.75 });
  await logInAs(page, hubUrl, organizer);
  await page.goto(`${hubUrl}/competitions/judged`);
  await page.getByRole("region", { name: "Leaderboard", exact: true }).getByText("0.75").waitFor();
  expect(await wait.count()).toBe(0);
  expect(complaints).toEqual([]);
});
