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

testIf("chromium", "the form tells what is no JSON before anything is sent", async () => {
  await page.getByLabel("Key").fill(key);
  await page.getByLabel("Body").fill("{x: 21}");
  await page.getByRole("button", { name: "Send" }).click();
  await page.getByText(/^This is not JSON: /).waitFor();
  expect(complaints).toEqual([]);
});
