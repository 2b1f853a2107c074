import { afterAll, beforeAll, expect, setDefaultTimeout } from "bun:test";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { type Stack, startStack } from "../../scripts/stack/stack.ts";
import { requires, testIf } from "../../scripts/testing/requires.ts";
import { ended, must, push, run, waitFor } from "../lib/person.ts";
import { type OpenBrowser, openBrowser } from "./browser.ts";
import { type Account, newAccount } from "./hub.ts";

setDefaultTimeout(180_000);

const folder = mkdtempSync(join(tmpdir(), "podium-serving-"));
// Run as root, Postgres gets a user of its own, who must be able to walk through this folder.
chmodSync(folder, 0o711);

const NAME = "doubles";
const MODEL = `
import os, podium

def save(path):
    open(os.path.join(path, "factor"), "w").write("2")

def load(path):
    global factor
    factor = int(open(os.path.join(path, "factor")).read())

def infer(rows):
    return [row["x"] * factor for row in rows]

podium.bind(save=save, load=load, infer=infer)
podium.paused()
podium.save("best")
`;

let stack: Stack;
let browser: OpenBrowser;
let page: Page;
let ada: Account;
let key: string;
/** the session whose checkpoint is bound */
let trained: string;
const complaints: string[] = [];

beforeAll(async () => {
  const { path } = requires("chromium");
  if (path === undefined) return;
  stack = await startStack({ dataDir: join(folder, "data"), durable: false });
  ada = await newAccount(stack.hubUrl, "ada");
  browser = await openBrowser(path);
  page = await browser.context.newPage();
  page.on("pageerror", (error) => complaints.push(error.message));
  await page.goto(`${stack.hubUrl}/serving`);
  await page.getByLabel("E-mail").fill(ada.email);
  await page.getByLabel("Password").fill(ada.password);
  await page.getByRole("button", { name: "Log in" }).click();
});

afterAll(async () => {
  await browser?.close();
  await stack?.stop();
  rmSync(folder, { recursive: true, force: true });
});

testIf("chromium", "an endpoint without a model or a call says so, and what to do", async () => {
  await page.getByText("No endpoints yet").waitFor();
  const limits = { public: false, timeout_ms: 30_000, max_queue: 100, max_body_bytes: 1_000_000 };
  must(await ada.api.POST("/api/v1/endpoints", { body: { name: NAME, ...limits } }));
  await page.goto(`${stack.hubUrl}/serving/${NAME}`);
  await page.getByText("Nothing is bound yet").waitFor();
  await page.getByText("No calls in this time").waitFor();
  expect(complaints).toEqual([]);
});

testIf("chromium", "calls are seen as curves once their minute is over", async () => {
  const session = await run(ada, stack.hubUrl, MODEL);
  await ended(ada, session.id);
  trained = session.id;
  const params = { path: { name: NAME } };
  const binding = { session_id: session.id, checkpoint: "best", weight: 1, max_batch: 64 };
  must(await ada.api.POST("/api/v1/endpoints/{name}/bindings", { params, body: binding }));
  key = must(await ada.api.POST("/api/v1/endpoints/{name}/keys", { params, body: { name: "browser" } })).key;
  await waitFor("the model", 60_000, async () => {
    const { bindings } = must(await ada.api.GET("/api/v1/endpoints/{name}", { params }));
    return bindings[0]?.state === "ready" ? true : null;
  });
  const call = (token: string) =>
    fetch(`${stack.gatewayUrl}/${NAME}`, {
      method: "POST",
      body: '{"x": 21}',
      headers: { authorization: `Bearer ${token}` },
    });
  const answers = await Promise.all([key, key, key, `${key}no`].map(call));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 401]);
  await waitFor("the minute's figures", 90_000, async () => {
    const { points } = must(await ada.api.GET("/api/v1/endpoints/{name}/figures", { params }));
    return points.length > 0 ? true : null;
  });
  await page.goto(`${stack.hubUrl}/serving/${NAME}`);
  const figures = page.getByRole("region", { name: "What happens" });
  await page.getByRole("img", { name: /^Latency p50: [\d.]+ ms on average; Latency p95: / }).waitFor();
  await page.getByRole("img", { name: /^Rate of calls: [\d.]+\/s on average; Rate of errors: / }).waitFor();
  await page.getByText("1 (1 denied)").waitFor();
  expect(await page.getByRole("heading", { name: "What happens" }).count()).toBe(1);
  expect(await figures.count()).toBe(1);
  expect(complaints).toEqual([]);
});

testIf("chromium", "the form tells what is no JSON, and calls the model from the hub's page", async () => {
  const form = page.getByRole("form", { name: "Try it" });
  await form.getByLabel("Key").fill(key);
  await form.getByLabel("Body").fill("{x: 21}");
  await form.getByRole("button", { name: "Send" }).click();
  await page.getByText(/^This is not JSON: /).waitFor();
  await form.getByLabel("Body").fill('{"x": 21}');
  await form.getByRole("button", { name: "Send" }).click();
  await page.getByRole("figure").filter({ hasText: "Answer" }).getByText("42", { exact: true }).waitFor();
  expect(complaints).toEqual([]);
});

testIf(
  "chromium",
  "a key is made with limits, given a new secret and revoked; each secret is shown once",
  async () => {
    const keys = page.getByRole("region", { name: "Keys" }).first();
    await keys.getByText("Make a key").click();
    const form = keys.getByRole("form", { name: "Make a key" });
    await form.getByLabel("What it is for").fill("the shop");
    await form.getByLabel("Days it is valid").fill("30");
    await form.getByLabel("Calls a day").fill("1");
    await form.getByLabel("make jobs").uncheck();
    await form.getByRole("button", { name: "Make it" }).click();
    const shown = keys.getByRole("figure");
    await shown.getByText("Key “the shop”: copy it now").waitFor();
    const first = await shown.locator("pre").textContent();
    const row = keys.getByRole("row").filter({ hasText: "the shop" });
    await row.getByText("infer, metadata", { exact: true }).waitFor();
    await row.getByText("1 a day").waitFor();
    await form.getByRole("button", { name: "Make it" }).click();
    expect(await form.getByLabel("What it is for").evaluate((input) => input.matches(":invalid"))).toBe(true);

    await row.getByRole("button", { name: "Rotate the shop" }).click();
    await page.getByLabel("The old secret").selectOption("stays valid for an hour");
    await page.getByRole("button", { name: "Make a new secret" }).click();
    await row.getByText(/^old secret:/).waitFor();
    expect(await shown.locator("pre").textContent()).not.toBe(first);
    await page.reload();
    await row.waitFor();
    expect(await shown.count()).toBe(0);

    await row.getByRole("button", { name: "Revoke the shop" }).click();
    await page.getByRole("button", { name: "Revoke it" }).click();
    await row.waitFor({ state: "detached" });
    expect(complaints).toEqual([]);
  },
);

/** Makes a further version with no traffic; resolves when it is ready. */
async function bindAnother(version: number) {
  const params = { path: { name: NAME } };
  const binding = { session_id: trained, checkpoint: "best", weight: 0, max_batch: 64 };
  must(await ada.api.POST("/api/v1/endpoints/{name}/bindings", { params, body: binding }));
  await waitFor(`version ${version}`, 60_000, async () => {
    const { bindings } = must(await ada.api.GET("/api/v1/endpoints/{name}", { params }));
    return bindings.some((each) => each.version === version && each.state === "ready") ? true : null;
  });
}

testIf("chromium", "replicas are shown where they run, and their number is changed", async () => {
  const version = page.getByRole("region", { name: "Replicas of version 1" });
  await version.getByText("1 ready of 1 that it shall have now.").waitFor();
  await version.getByRole("row").filter({ hasText: "local" }).getByText("ready").waitFor();
  await version.getByLabel("At most").fill("3");
  await version.getByRole("button", { name: "Set" }).click();
  await waitFor("the change", 30_000, async () => {
    const params = { path: { name: NAME } };
    const { bindings } = must(await ada.api.GET("/api/v1/endpoints/{name}", { params }));
    return bindings[0]?.scaling.max_replicas === 3 ? true : null;
  });
  await version.getByLabel("At least").fill("4");
  await version.getByRole("button", { name: "Set" }).click();
  await version.getByRole("alert").waitFor();
  expect(complaints).toEqual([]);
});

testIf("chromium", "shares are set, and rolled back", async () => {
  await bindAnother(2);
  const traffic = page.getByRole("region", { name: "Traffic" }).first();
  await traffic.getByLabel("Version 1, %").fill("70");
  await traffic.getByText("These add up to 70 %: they must make 100 %.").waitFor();
  expect(await traffic.getByRole("button", { name: "Set shares" }).isDisabled()).toBe(true);
  await traffic.getByLabel("Version 2, %").fill("30");
  await traffic.getByRole("button", { name: "Set shares" }).click();
  await page.getByRole("img", { name: /^Traffic: .* 70 %, .* 30 %$/ }).waitFor();
  await traffic.getByRole("button", { name: "Roll back" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Roll back" }).click();
  await page.getByRole("img", { name: /^Traffic: .* 100 %$/ }).waitFor();
  await traffic.getByText("How it was shared").click();
  await traffic.getByText("rolled back", { exact: true }).waitFor();
  expect(complaints).toEqual([]);
});

testIf("chromium", "a shadow is begun, shown and ended", async () => {
  const shadow = page.getByRole("region", { name: "Shadow" }).first();
  await shadow.getByText("Send a version copies of calls").click();
  await shadow.getByLabel("Copies of, %").fill("100");
  await shadow.getByRole("button", { name: "Begin" }).click();
  await shadow.getByText("Gets a copy of 100 % of the calls").waitFor();
  await shadow.getByRole("button", { name: "End the shadow" }).click();
  await shadow.getByText("Send a version copies of calls").waitFor();
  expect(complaints).toEqual([]);
});

testIf("chromium", "a canary is begun, held and promoted, and nothing is set by hand meanwhile", async () => {
  const canary = page.getByRole("region", { name: "Canary" }).first();
  await canary.getByText("Begin a canary").click();
  await canary.getByLabel("Steps, %").fill("50, 20");
  await canary.getByRole("button", { name: "Begin" }).click();
  await canary.getByText("Steps grow and end with 100").waitFor();
  await canary.getByLabel("Steps, %").fill("20, 100");
  await canary.getByRole("button", { name: "Begin" }).click();
  await canary.getByText("20 % of the calls (step 1 of 2)").waitFor();
  await page.getByText("A canary of version 2 sets the shares").waitFor();
  await canary.getByRole("button", { name: "Pause" }).click();
  await canary.getByText("somebody to resume it").waitFor();
  await canary.getByRole("button", { name: "Promote" }).click();
  await page.getByRole("button", { name: "Promote it" }).click();
  await canary.getByText("promoted", { exact: true }).waitFor();
  await page.getByRole("img", { name: /^Traffic: .* 100 %$/ }).waitFor();
  expect(complaints).toEqual([]);
});

testIf(
  "chromium",
  "a dataset is predicted: its rows are counted, and its predictions are a link",
  async () => {
    const tree_id = await push(ada, stack.hubUrl, { "rows.csv": "x\n1\n2\n3\n" });
    const params = { path: { team: "ada", name: "rows" } };
    must(await ada.api.POST("/api/v1/datasets", { body: { name: "rows" } }));
    must(await ada.api.POST("/api/v1/datasets/{team}/{name}/versions", { params, body: { tree_id } }));
    const batches = page.getByRole("region", { name: "Batch inference" }).first();
    await batches.getByText("No dataset was predicted yet").waitFor();
    await batches.getByRole("textbox", { name: "Dataset" }).fill("nothing");
    await batches.getByLabel("Predictions go to").fill("scores");
    await batches.getByRole("button", { name: "Predict" }).click();
    await batches.getByRole("alert").waitFor();
    await batches.getByRole("textbox", { name: "Dataset" }).fill("rows");
    await batches.getByRole("button", { name: "Predict" }).click();
    const row = batches.getByRole("row").filter({ hasText: "ada/rows@1" });
    await row.getByText("3 of 3").waitFor({ timeout: 60_000 });
    await row.getByText("done", { exact: true }).waitFor({ timeout: 60_000 });
    await row.getByRole("link", { name: "scores@1" }).click();
    await page.getByRole("heading", { name: "scores" }).waitFor();
    expect(complaints).toEqual([]);
  },
);
