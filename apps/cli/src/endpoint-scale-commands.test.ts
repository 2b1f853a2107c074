import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { loggedIn, podiumCommand } from "./testing/podium.ts";

const { runPodium } = podiumCommand();

setDefaultTimeout(30_000);

const BINDING = {
  id: `bnd_${"0".repeat(32)}`,
  version: 2,
  model: "ann/films/1:best",
  weight: 1,
  state: "ready",
  failure: null,
  session_id: `ses_${"1".repeat(32)}`,
  percent: 100,
  stops_at: null,
  scaling: {
    min_replicas: 0,
    max_replicas: 4,
    target_load: 8,
    scale_down_seconds: 60,
    idle_seconds: 300,
    wanted: 2,
    trouble: "1 replica waits in the queue: no node has room.",
  },
  replicas: [
    {
      session_id: `ses_${"1".repeat(32)}`,
      state: "ready",
      node: "gpu-1",
      since: "2026-01-01T00:00:00.000Z",
      in_flight: 3,
      restarts: 1,
    },
    {
      session_id: `ses_${"2".repeat(32)}`,
      state: "queued",
      node: null,
      since: "2026-01-01T00:01:00.000Z",
      in_flight: 0,
      restarts: 0,
    },
  ],
};
const SETTINGS = {
  public: true,
  timeout_ms: 5_000,
  max_queue: 10,
  max_body_bytes: 1024,
  cors_origins: [],
  rate: null,
  address_rate: null,
};
const urls = ["http://gateway/films"];
const ENDPOINT = { name: "films", team: "ann", urls, settings: SETTINGS, bindings: [BINDING] };
const asked: [string, string, unknown][] = [];

/** Stands in for the hub's answers, which is all that these commands see of it. */
const hub = Bun.serve({
  port: 0,
  async fetch(request) {
    const { pathname } = new URL(request.url);
    const body = await request.text();
    asked.push([request.method, pathname, body === "" ? null : JSON.parse(body)]);
    if (request.method === "PATCH" || pathname.endsWith("/bindings")) return Response.json(BINDING);
    if (pathname.includes("/sessions/")) return Response.json({ id: `ses_${"1".repeat(32)}` });
    if (pathname.endsWith("/versions")) return Response.json({ items: [] });
    return Response.json(ENDPOINT);
  },
});
afterAll(() => hub.stop(true));

async function podium(...args: string[]) {
  const { stdout, stderr, exitCode: code } = await runPodium(args, loggedIn(hub.url.origin));
  return { stdout, stderr, code };
}

test("scale changes what is named, of the version that is named", async () => {
  const { stdout } = await podium(
    "endpoint",
    "scale",
    "films",
    "2",
    "--min",
    "0",
    "--max",
    "4",
    "--idle-after",
    "60",
  );
  expect(stdout).toContain("films version 2: 0 to 4 replicas, 2 wanted now.");
  expect(asked.at(-1)).toEqual([
    "PATCH",
    `/api/v1/endpoints/films/bindings/${BINDING.id}/scaling`,
    { min_replicas: 0, max_replicas: 4, idle_seconds: 60 },
  ]);
});

test("scale says what is wrong before it asks the hub to change anything", async () => {
  for (const [args, reason] of [
    [["films", "2"], "Say what shall change"],
    [["films", "3", "--min", "1"], "films has no version 3"],
    [["films", "2", "--min", "-1"], "whole number"],
  ] as const) {
    const { stderr, code } = await podium("endpoint", "scale", ...args);
    expect([code === 0, stderr]).toEqual([false, expect.stringContaining(reason)]);
  }
});

test("show lists the replicas with their nodes, and why there are fewer than wanted", async () => {
  const { stdout } = await podium("endpoint", "show", "films");
  expect(stdout).toContain("1 of 2 (0–4)");
  expect(stdout).toMatch(/2 +ses_1{32} +gpu-1 +ready .* 3 +1/);
  expect(stdout).toContain("version 2: 1 replica waits in the queue: no node has room.");
});

test("bind takes the replicas along; a minimum alone is the maximum, too", async () => {
  await podium("endpoint", "bind", "films", `ses_${"1".repeat(32)}`, "best", "--min", "2", "--no-wait");
  expect(asked.at(-1)?.[2]).toMatchObject({ scaling: { min_replicas: 2, max_replicas: 2 } });
});
