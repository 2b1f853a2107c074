import { afterAll, beforeAll, expect, setDefaultTimeout } from "bun:test";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { type Stack, startStack } from "../../scripts/stack/stack.ts";
import { requires, testIf } from "../../scripts/testing/requires.ts";
import { logIn } from "../lib/person.ts";
import { type OpenBrowser, openBrowser } from "./browser.ts";
import { type Account, csv, newAccount, submitPredictions } from "./hub.ts";
import { logInAs, makeTwoRounds } from "./two-rounds.ts";

setDefaultTimeout(240_000);

const folder = mkdtempSync(join(tmpdir(), "podium-contest-"));
// Run as root, Postgres gets a user of its own, who must be able to walk through this folder.
chmodSync(folder, 0o711);

let stack: Stack;
let browser: OpenBrowser;
let page: Page;
let organizer: Account;
let ada: Account;
const complaints: string[] = [];

/** Errors of ada 0 and 1/3; of bob and cid, who send the same file, 1. */
beforeAll(async () => {
  const { path } = requires("chromium");
  if (path === undefined) return;
  stack = await startStack({ dataDir: join(folder, "data"), durable: false });
  const { hubUrl } = stack;
  const admin = await logIn(hubUrl, stack.admin);
  organizer = await newAccount(hubUrl, "film-lab");
  await admin.api.PATCH("/api/v1/users/{email}/role", {
    params: { path: { email: organizer.email } },
    body: { role: "organizer" },
  });
  await makeTwoRounds(hubUrl, organizer, "numbers");
  ada = await newAccount(hubUrl, "ada");
  const [bob, cid] = [await newAccount(hubUrl, "bob"), await newAccount(hubUrl, "cid")];
  for (const [entrant, values] of [
    [ada, [1, 2, 4]],
    [ada, [1, 2, 3]],
    [bob, [2, 3, 4]],
    [cid, [2, 3, 4]],
  ] as const) {
    const params = { path: { name: "numbers" } };
    await entrant.api.POST("/api/v1/competitions/{name}/entrants", { params, body: {} });
    await submitPredictions(hubUrl, entrant, "numbers", csv("prediction", values));
  }
  browser = await openBrowser(path);
  page = await browser.context.newPage();
  page.on("pageerror", (error) => complaints.push(error.message));
});

afterAll(async () => {
  await browser?.close();
  await stack?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const open = (path = "") => page.goto(`${stack.hubUrl}/competitions/numbers${path}`);
const rows = (table: string) => page.getByRole("region", { name: table, exact: true }).locator("tbody tr");
const cells = async (table: string) =>
  Promise.all((await rows(table).all()).map((row) => row.locator("td").allTextContents()));
const dialog = () => page.getByRole("dialog");
const press = (name: string) => page.getByRole("button", { name, exact: true }).click();
/** Says yes in the dialog, once it can be said. */
async function confirm(name: string, reason?: string): Promise<void> {
  if (reason !== undefined) await dialog().getByLabel("Why").fill(reason);
  await dialog().getByRole("button", { name, exact: true }).click();
  await dialog().waitFor({ state: "detached" });
}

testIf(
  "chromium",
  "a participant sees how scores and ranks went, and writes down what was tried",
  async () => {
    await logInAs(page, stack.hubUrl, ada);
    await open();
    await page.getByRole("img", { name: "Best score 0.0000 after 2 scored submissions" }).waitFor();
    await page.getByRole("button", { name: "Write the memo of submission 2" }).click();
    await dialog().getByLabel("Memo").fill("with <b>less</b> noise");
    await confirm("Save");
    await page.getByText("with <b>less</b> noise").waitFor();

    await page.getByRole("link", { name: "Scores and ranks of ada over time" }).click();
    await page.getByRole("img", { name: "Rank 1 after 2 scored submissions, at worst 1" }).waitFor();
    await page.getByRole("img", { name: "Best score 0.0000 after 2 scored submissions" }).waitFor();
    const shown = await cells("Submissions");
    expect(shown.map(([number, , , score, best]) => [number, score, best])).toEqual([
      ["2", "0", "0"],
      ["1", "0.3333", "0.3333"],
    ]);
  },
);

testIf(
  "chromium",
  "the organizer's pages are the organizer's: a participant finds nothing on them",
  async () => {
    await open();
    await rows("Leaderboard").first().waitFor();
    expect(await page.getByRole("navigation", { name: "For the organizer" }).count()).toBe(0);
    for (const path of ["/findings", "/rounds/first/rejudgings", "/rounds/first/survivors"]) {
      await open(path);
      await page.getByText("Only the organizer sees this page").waitFor();
    }
    await open("/statistics");
    await page.getByRole("alert").waitFor();
  },
);

testIf("chromium", "the organizer reads how much was taken part", async () => {
  await logInAs(page, stack.hubUrl, organizer);
  await open();
  await page.getByRole("link", { name: "Statistics of this competition" }).click();
  await rows("Rounds").first().waitFor();
  const [first] = await cells("Rounds");
  expect(first).toEqual(["first", "3", "3", "4", "4", "0", "1.333", "2", "100 %"]);
  expect((await cells("Most models"))[0]).toEqual(["ada", "2", "2"]);
});

testIf(
  "chromium",
  "the same answers of two entrants are evidence, which takes a reason to dismiss",
  async () => {
    await open();
    await page.getByRole("link", { name: "Findings" }).click();
    const card = page.getByRole("region", { name: /^The same answers: (bob and cid|cid and bob)$/ });
    await card.getByText("Every answer is the same.").waitFor();
    await card.getByText("2 submissions as evidence").click();
    await rows("Evidence").first().waitFor();
    expect((await cells("Evidence")).map(([who, , , score]) => [who, score]).sort()).toEqual([
      ["bob", "1"],
      ["cid", "1"],
    ]);

    await card.getByRole("button", { name: "Dismiss" }).click();
    expect(await dialog().getByRole("button", { name: "Dismiss" }).isDisabled()).toBe(true);
    await confirm("Dismiss", "Both sent the baseline.");
    await card.getByText("Both sent the baseline.").waitFor();
    expect(await card.getByRole("button", { name: "Dismiss" }).count()).toBe(0);
  },
);

const CORRECTED = { name: "labels.csv", mimeType: "text/csv", buffer: Buffer.from(csv("y", [2, 3, 4])) };

testIf("chromium", "a rejudging shows whose score and rank would change; dropped, nothing has", async () => {
  await open();
  await page.getByRole("link", { name: "Rejudge this round" }).click();
  await page.getByLabel("Why").fill("The labels were off by one");
  await page.getByLabel("Corrected labels").setInputFiles(CORRECTED);
  await press("Score again, aside");
  await page.getByText("All 4 submissions have been scored again.").waitFor();
  await rows("What would change").first().waitFor();
  const changes = (await cells("What would change")).map((row) => row.map((text) => text.trim()));
  expect(changes.map(([, entrant, , , now, then]) => [entrant, now, then])).toEqual([
    ["bob", "1.000", "0.000"],
    ["cid", "1.000", "0.000"],
    ["ada", "0.000", "0.667"],
  ]);
  expect(changes.map(([, , rank, after]) => [rank, after?.at(-1)])).toEqual([
    ["2", "1"],
    ["2", "1"],
    ["1", "3"],
  ]);
  await press("Cancel the rejudging");
  await confirm("Drop it");
  await rows("Rejudgings before").getByText("cancelled").waitFor();
  await open();
  await rows("Leaderboard").first().getByText("ada").waitFor();
});

testIf("chromium", "applied, the boards change at once", async () => {
  await open("/rounds/first/rejudgings");
  await page.getByLabel("Why").fill("The labels were off by one");
  await page.getByLabel("Corrected labels").setInputFiles(CORRECTED);
  await press("Score again, aside");
  await press("Apply");
  await confirm("Apply");
  await rows("Rejudgings before").getByText("applied").waitFor();
  await open();
  await rows("Leaderboard").nth(2).getByText("ada").waitFor();
  expect(await rows("Leaderboard").nth(2).textContent()).toContain("0.6667");
});

testIf(
  "chromium",
  "survivors are previewed by the round's rule and by another, advance, and come back",
  async () => {
    await press("Close the round");
    await confirm("Close the round");
    await page.getByRole("link", { name: "Preview and advance" }).click();
    await page.getByText("The round is closed, and its survivors have not advanced.").waitFor();
    const fates = async () =>
      (await cells("Survivors")).map(([rank, entrant, , fate]) => [rank, entrant, fate]);
    // Of two with the same score the rule names one, and neither is left behind.
    const byRule = [
      ["1", "bob", "goes on"],
      ["1", "cid", "by a tie"],
      ["3", "ada", "first out"],
    ];
    await rows("Survivors").first().waitFor();
    expect(await fates()).toEqual(byRule);

    await page.getByLabel("Try another rule").selectOption("all");
    await press("Preview");
    await rows("Survivors").filter({ hasText: "ada" }).getByText("goes on").waitFor();
    await press("Back to the round's rule");
    await rows("Survivors").filter({ hasText: "ada" }).getByText("first out").waitFor();

    await press("Let them advance");
    await confirm("Advance", "The appeals are over.");
    await page.getByText("2 entrants entered the next round.").waitFor();
    await press("Undo the advance");
    await confirm("Undo", "One appeal was left.");
    await page.getByText("The round is closed, and its survivors have not advanced.").waitFor();
    expect(await fates()).toEqual(byRule);
    await press("Let them advance");
    await confirm("Advance");
    await page.getByText("2 entrants entered the next round.").waitFor();
  },
);

testIf("chromium", "the final board is revealed place by place, from the last one up", async () => {
  await open("?round=first");
  await page.getByText("The final board is yours alone until you reveal it.").waitFor();
  await press("Reveal the next place");
  await page.getByText("Revealed from rank 3 down.").waitFor();

  await logInAs(page, stack.hubUrl, ada);
  await open("?round=first");
  await page.getByText("2 places are still to come").waitFor();
  expect(await rows("Leaderboard").count()).toBe(1);
  await rows("Leaderboard").first().getByText("ada").waitFor();

  await logInAs(page, stack.hubUrl, organizer);
  await open("?round=first");
  await press("Reveal the first place");
  await page.getByText("Revealed from rank 3 down.").waitFor({ state: "detached" });
  await logInAs(page, stack.hubUrl, ada);
  await open("?round=first");
  await rows("Leaderboard").nth(2).waitFor();
  expect(await rows("Leaderboard").first().textContent()).toContain("bob");
});

testIf(
  "chromium",
  "all of it is read in words, by a participant without what is the organizer's",
  async () => {
    const deeds = () => page.locator("ol.deeds strong").allTextContents();
    await page.getByText('"first" was judged anew: 4 submissions').waitFor();
    expect(await deeds()).toEqual([
      'The final board of "first" was revealed',
      'The final board of "first" was revealed from rank 3 down',
      '2 survivors of "first" entered the next round',
      'The advance from "first" was taken back',
      '2 survivors of "first" entered the next round',
      '"first" was judged anew: 4 submissions',
    ]);
    await logInAs(page, stack.hubUrl, organizer);
    await open("?round=first");
    await page.getByText("A finding was dismissed").waitFor();
    const all = await deeds();
    expect(all.at(-1)).toMatch(/^A finding was dismissed: the same answers \((bob and cid|cid and bob)\)$/);
    expect(all.slice(-5, -1)).toEqual([
      '"first" was judged anew: 4 submissions',
      'A rejudging of "first" began: 4 submissions, with other labels',
      'A rejudging of "first" was dropped: nothing changed',
      'A rejudging of "first" began: 4 submissions, with other labels',
    ]);
    expect(complaints).toEqual([]);
  },
);
