import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RouteTable } from "@podium/shared";
import { systemClock } from "../clock.ts";
import { parseEnv } from "../env.ts";
import { type Gateway, startGateway } from "../gateway.ts";
import { createLog } from "../log.ts";
import { GATEWAY_TOKEN, startTestHub, type TestHub } from "./test-hub.ts";
import { startTestReplica, type TestReplica, type TestReplicaOptions } from "./test-replica.ts";
import { KEY, testTable } from "./test-table.ts";

export interface TestBed extends AsyncDisposable {
  gateway: Gateway;
  hub: TestHub;
  /** Connects a replica and waits until the gateway counts it. */
  replica(options?: Partial<TestReplicaOptions>): Promise<TestReplica>;
  /** `POST` of a JSON value, with the endpoint's key unless other headers are given. */
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
  get(path: string, headers?: Record<string, string>): Promise<Response>;
}

const AUTHORIZED = { authorization: `Bearer ${KEY}` };

/** A gateway in this process with a hub in this process, both gone when the test ends. */
export async function startTestBed(
  table: RouteTable = testTable(),
  random: () => number = Math.random,
  more: Record<string, string> = {},
): Promise<TestBed> {
  const hub = startTestHub(table);
  const folder = await testFolder();
  const gateway = await startGateway(testEnv(hub.url, folder.path, more), {
    clock: systemClock,
    log: createLog("silent"),
    random,
    random32: () => Math.floor(Math.random() * 2 ** 32),
  });
  const post: TestBed["post"] = (path, body, headers = AUTHORIZED) =>
    fetch(gateway.url + path, {
      method: "POST",
      body: typeof body === "string" ? body : JSON.stringify(body),
      headers,
    });
  const get: TestBed["get"] = (path, headers = AUTHORIZED) => fetch(gateway.url + path, { headers });
  await until(async () => (await get("/readyz")).ok);
  let connected = 0;
  return {
    gateway,
    hub,
    post,
    get,
    async replica(options = {}) {
      // One that was just killed is counted until the gateway has heard of it.
      await until(async () => (await countReplicas(gateway.url)) <= connected);
      const before = await countReplicas(gateway.url);
      const replica = await startTestReplica({ url: gateway.url, ...options });
      connected += 1;
      void replica.closed.then(() => (connected -= 1));
      await until(async () => (await countReplicas(gateway.url)) > before);
      return replica;
    },
    async [Symbol.asyncDispose]() {
      await gateway.stop();
      await hub.stop();
      await folder.remove();
    },
  };
}

export function testEnv(hubUrl: string, folder: string, more: Record<string, string> = {}) {
  return parseEnv({
    HUB_URL: hubUrl,
    PODIUM_GATEWAY_TOKEN: GATEWAY_TOKEN,
    PODIUM_GATEWAY_PORT: "0",
    PODIUM_GATEWAY_DATA: folder,
    PODIUM_GATEWAY_DRAIN_MS: "0",
    PODIUM_GATEWAY_WARM_MS: "0",
    LOG_LEVEL: "silent",
    ...more,
  });
}

export async function testFolder() {
  const path = await mkdtemp(join(tmpdir(), "podium-gateway-"));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** Waits, up to ten seconds, until something holds. */
export async function until(holds: () => boolean | Promise<boolean>) {
  for (let waited = 0; waited < 10_000; waited += 5) {
    if (await holds()) return;
    await Bun.sleep(5);
  }
  throw new Error(`It did not come true in 10 s: ${holds}`);
}

export async function metric(url: string, pattern: RegExp): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return text
    .split("\n")
    .filter((line) => pattern.test(line))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" "))), 0);
}

/** Waits until so many calls are queued. */
export const untilQueued = (url: string, calls: number) =>
  until(async () => (await metric(url, /^podium_gateway_queue_depth\{/)) === calls);

const countReplicas = (url: string) => metric(url, /^podium_gateway_replicas\{/);
