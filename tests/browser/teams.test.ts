import { afterAll, beforeAll, expect, setDefaultTimeout } from "bun:test";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { type Stack, startStack } from "../../scripts/stack/stack.ts";
import { requires, testIf } from "../../scripts/testing/requires.ts";
import { logIn, must } from "../lib/person.ts";
import { type OpenBrowser, openBrowser } from "./browser.ts";
import { type Account, makeCompetition, newAccount } from "./hub.ts";

setDefaultTimeout(120_000);

const folder = mkdtempSync(join(tmpdir(), "podium-teams-"));
// Run as root, Postgres gets a user of its own, who must be able to walk through this folder.
chmodSync(folder, 0o711);

let stack: Stack;
let browser: OpenBrowser;
let page: Page;
let bob: Account;
let eve: Account;
const complaints: string[] = [];
const params = { path: { name: "numbers" } };

beforeAll(async () => {
  const { path } = requires("chromium");
  if (path === undefined) return;
  stack = await startStack({ dataDir: join(folder, "data"), durable: false });
  const { hubUrl } = stack;
  const admin = await logIn(hubUrl, stack.admin);
  const organizer = await newAccount(hubUrl, "film-lab");
  await admin.api.PATCH("/api/v1/users/{email}/role", {
    params: { path: { email: organizer.email } },
    body: { role: "organizer" },
  });
  await makeCompetition(hubUrl, organizer, "numbers", "", { terms: { content: "Be <b>fair</b>." } });
  const ada = await newAccount(hubUrl, "ada");
  bob = await newAccount(hubUrl, "bob");
  eve = await newAccount(hubUrl, "eve");

  browser = await openBrowser(path);
  page = await browser.context.newPage();
  page.on("pageerror", (error) => complaints.push(error.message));
  await page.goto(`${hubUrl}/account`);
  await page.getByLabel("E-mail").fill(ada.email);
  await page.getByLabel("Password").fill(ada.password);
  await page.getByRole("button", { name: "Log in" }).click();
});

afterAll(async () => {
  await browser?.close();
  await stack?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const rows = (table: string) => page.getByRole("region", { name: table, exact: true }).locator("tbody tr");

testIf("chromium", "a team is made, somebody invited, and who accepts is a member", async () => {
  await page.getByLabel("New team").fill("duo");
  await page.getByRole("button", { name: "Make a team" }).click();
  await page.getByRole("link", { name: "duo" }).click();
  await page.getByLabel("Address").fill(bob.email);
  await page.getByRole("button", { name: "Invite" }).click();
  await rows("Invitations").filter({ hasText: bob.email }).getByText("pending").waitFor();

  const { items } = must(await bob.api.GET("/api/v1/invitations"));
  const path = { id: items[0]?.id ?? "" };
  must(await bob.api.POST("/api/v1/invitations/{id}/accept", { params: { path }, body: {} }));
  await page.reload();
  await rows("Members").filter({ hasText: "bob" }).getByText("member").waitFor();
});

testIf(
  "chromium",
  "joining shows the terms as text and waits for the tick; then the team takes part",
  async () => {
    await page.goto(`${stack.hubUrl}/competitions/numbers`);
    await page.getByLabel("Team to join with").selectOption("duo");
    await page.getByRole("button", { name: "Join", exact: true }).click();
    await page.getByRole("region", { name: "Terms" }).getByText("Be <b>fair</b>.").waitFor();
    const agree = page.getByRole("button", { name: "Join as duo" });
    expect(await agree.isDisabled()).toBe(true);
    await page.getByRole("checkbox").check();
    await agree.click();
    await page.getByText("You take part as duo").waitFor();
  },
);

testIf("chromium", "a merge that another proposes is accepted on the page of who takes part", async () => {
  const { terms } = must(await eve.api.GET("/api/v1/competitions/{name}/terms", { params }));
  const body = { terms: terms?.sha256 ?? "" };
  must(await eve.api.POST("/api/v1/competitions/{name}/entrants", { params, body }));
  must(await eve.api.POST("/api/v1/competitions/{name}/merges", { params, body: { into: "duo" } }));
  await page.goto(`${stack.hubUrl}/competitions/numbers`);
  await page.getByRole("link", { name: "2 entrants" }).click();
  await rows("Merges").getByRole("button", { name: "Accept" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Accept" }).click();
  await rows("Entrants").filter({ hasText: "eve" }).getByText("merged into duo").waitFor();
  expect(await rows("Entrants").filter({ hasText: "active" }).textContent()).toContain("duo3");
});

testIf(
  "chromium",
  "an invitation that one gets is declined, and one's own team withdraws for good",
  async () => {
    must(await eve.api.POST("/api/v1/teams", { body: { slug: "others" } }));
    const invite = {
      params: { path: { slug: "others" } },
      body: { email: "ada@podium.test", role: "member" } as const,
    };
    must(await eve.api.POST("/api/v1/teams/{slug}/invitations", invite));
    await page.goto(`${stack.hubUrl}/account`);
    await page.getByRole("link", { name: "1 invitation" }).click();
    await page.getByRole("button", { name: "Decline" }).click();
    await page.getByText("No invitation waits for you").waitFor();

    await page.goto(`${stack.hubUrl}/competitions/numbers/entrants`);
    await rows("Entrants").getByRole("button", { name: "Withdraw" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Withdraw" }).click();
    await rows("Entrants").filter({ hasText: "duo" }).getByText("withdrawn").waitFor();
    expect(complaints).toEqual([]);
  },
);
