import { afterAll, beforeAll, expect, setDefaultTimeout } from "bun:test";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { type Stack, startStack } from "../../scripts/stack/stack.ts";
import { requires, testIf } from "../../scripts/testing/requires.ts";
import { must, push } from "../lib/person.ts";
import { type OpenBrowser, openBrowser } from "./browser.ts";
import { type Account, newAccount } from "./hub.ts";

setDefaultTimeout(120_000);

const folder = mkdtempSync(join(tmpdir(), "podium-datasets-"));
// Run as root, Postgres gets a user of its own, who must be able to walk through this folder.
chmodSync(folder, 0o711);

let stack: Stack;
let browser: OpenBrowser;
let page: Page;
const complaints: string[] = [];

beforeAll(async () => {
  const { path } = requires("chromium");
  if (path === undefined) return;
  stack = await startStack({ dataDir: join(folder, "data"), durable: false });
  const ada = await newAccount(stack.hubUrl, "ada");
  await publish(
    ada,
    "films",
    "Ratings <i>by year</i>",
    ["text", "ratings"],
    [
      { "part-1.csv": "1995\n", "notes.txt": "one\n" },
      { "1995.csv": "1995\n", "notes.txt": "two and more\n", "1996.csv": "1996\n" },
    ],
  );
  await publish(ada, "seas", "Depths", ["map"], [{ "map.csv": "7\n" }]);

  browser = await openBrowser(path);
  page = await browser.context.newPage();
  page.on("pageerror", (error) => complaints.push(error.message));
  await page.goto(`${stack.hubUrl}/datasets`);
  await page.getByLabel("E-mail").fill(ada.email);
  await page.getByLabel("Password").fill(ada.password);
  await page.getByRole("button", { name: "Log in" }).click();
});

afterAll(async () => {
  await browser?.close();
  await stack?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function publish(
  owner: Account,
  name: string,
  description: string,
  tags: string[],
  versions: Record<string, string>[],
): Promise<void> {
  const body = { name, description, tags, visibility: "public" as const };
  must(await owner.api.POST("/api/v1/datasets", { body }));
  for (const files of versions) {
    const tree_id = await push(owner, stack.hubUrl, files);
    const params = { path: { team: owner.team, name } };
    must(
      await owner.api.POST("/api/v1/datasets/{team}/{name}/versions", {
        params,
        body: { tree_id, note: "" },
      }),
    );
  }
}

const rows = (table: string) => page.getByRole("region", { name: table }).locator("tbody tr");

testIf("chromium", "datasets are found by words and by tag, and the address keeps the search", async () => {
  await rows("Datasets").getByText("ada/seas").waitFor();
  await page.getByLabel("Search").fill("ratings");
  await page.getByLabel("Search").press("Enter");
  await rows("Datasets").getByText("ada/seas").waitFor({ state: "detached" });
  expect(new URL(page.url()).search).toBe("?q=ratings");

  await page.goto(`${stack.hubUrl}/datasets`);
  await rows("Datasets").getByRole("link", { name: "map", exact: true }).click();
  await rows("Datasets").getByText("ada/films").waitFor({ state: "detached" });
  await page.getByRole("link", { name: "Any tag, not only map" }).click();
  await rows("Datasets").getByText("ada/films").waitFor();
});

testIf("chromium", "a dataset's page shows its versions and what changed between two of them", async () => {
  await page.getByRole("link", { name: "ada/films" }).click();
  await page.getByText("Ratings <i>by year</i>").waitFor();
  await page.getByText("podium run -d ada/films@2 .").waitFor();
  expect(await rows("Versions").count()).toBe(2);

  const changed = rows("Changed files");
  await changed.filter({ hasText: "1996.csv" }).getByText("added").waitFor();
  await changed.filter({ hasText: "notes.txt" }).getByText("changed").waitFor();
  expect(await changed.filter({ hasText: "1995.csv" }).textContent()).toContain("was part-1.csv");

  await page.getByLabel("To version").selectOption("1");
  await page.getByText("The files are the same").waitFor();
  expect(new URL(page.url()).search).toBe("?from=1&to=1");
  expect(complaints).toEqual([]);
});
