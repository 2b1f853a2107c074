import { afterAll, beforeEach, expect, setDefaultTimeout, test } from "bun:test";
import { loggedIn, podiumCommand } from "./testing/podium.ts";

const { runPodium } = podiumCommand();

setDefaultTimeout(120_000);

const binding = (version: number, percent: number, more: object = {}) => ({
  id: `bnd_${String(version).padStart(32, "0")}`,
  version,
  model: `ada/films/${version}:best`,
  weight: percent,
  percent,
  state: "ready",
  failure: null,
  session_id: `ses_${"0".repeat(32)}`,
  stops_at: null,
  scaling: {
    min_replicas: 1,
    max_replicas: 1,
    target_load: 64,
    scale_down_seconds: 60,
    idle_seconds: 300,
    wanted: 1,
    trouble: null,
  },
  replicas: [],
  ...more,
});
const ENDPOINT = {
  id: `end_${"0".repeat(32)}`,
  name: "films",
  team: "ada",
  public: false,
  urls: ["http://gateway.test/films"],
  keep_old_ms: 3_600_000,
  settings: {
    public: false,
    timeout_ms: 30_000,
    max_queue: 64,
    max_body_bytes: 1024,
    cors_origins: [],
    rate: null,
    address_rate: null,
  },
  bindings: [binding(3, 90), binding(4, 10), binding(2, 0, { stops_at: "2026-01-01T13:00:00Z" })],
};
const ROLLOUT = {
  id: `rol_${"0".repeat(32)}`,
  version: 4,
  state: "running",
  steps: [5, 100],
  step: 0,
  waits_for: "3 of 100 calls that it is judged by",
  log: [{ at: "2026-01-01T12:00:00Z", text: "It gets 5 % of the calls." }],
  ended_at: null,
};
const FIGURES = {
  version: 4,
  calls: 120,
  errors: 2,
  p50_ms: 10.44,
  p99_ms: 31.2,
  shadow: {
    compared: 50,
    agreed: 49,
    failed: 0,
    dropped: 7,
    agreement: 0.98,
    max_difference: 0.25,
    worst: [{ at: "2026-01-01T12:00:00Z", where: "y[3]", difference: 0.25 }],
    p50_ms: 8,
    p99_ms: 20,
    primary_p50_ms: 9,
    primary_p99_ms: 30,
  },
};
const CHANGE = {
  id: `tch_${"0".repeat(32)}`,
  at: "2026-01-01T12:00:00Z",
  actor: null,
  cause: "canary",
  before: [{ version: 3, percent: 100 }],
  after: [
    { version: 3, percent: 95 },
    { version: 4, percent: 5 },
  ],
  note: null,
};
const PATH = "/api/v1/endpoints/films";
const ANSWERS: Record<string, unknown> = {
  [`GET ${PATH}`]: ENDPOINT,
  [`GET ${PATH}/versions`]: { items: [FIGURES] },
  [`PUT ${PATH}/traffic`]: ENDPOINT,
  [`PUT ${PATH}/shadow`]: ENDPOINT,
  [`POST ${PATH}/traffic/rollback`]: ENDPOINT,
  [`GET ${PATH}/traffic/changes`]: { items: [CHANGE], next: null },
  [`POST ${PATH}/rollouts`]: ROLLOUT,
  [`GET ${PATH}/rollouts`]: { items: [ROLLOUT], next: null },
  [`POST ${PATH}/rollouts/abort`]: { ...ROLLOUT, state: "aborted", ended_at: "2026-01-01T12:01:00Z" },
};
let asked: [string, unknown][] = [];
beforeEach(() => {
  asked = [];
});

/** Stands in for the hub's answers, which is all that these commands see of it. */
const hub = Bun.serve({
  port: 0,
  async fetch(request) {
    const what = `${request.method} ${new URL(request.url).pathname}`;
    const body = await request.text();
    asked.push([what, body === "" ? null : JSON.parse(body)]);
    if (request.method === "DELETE") return new Response(null, { status: 204 });
    return Response.json(ANSWERS[what] ?? {});
  },
});
afterAll(() => hub.stop(true));

const podium = (...args: string[]) =>
  runPodium(["endpoint", ...args], loggedIn(`http://127.0.0.1:${hub.port}`));

test("shares are sent all at once, and what is wrongly said is refused before anything is sent", async () => {
  const { stdout } = await podium("traffic", "films", "3=90", "4=10", "--keep", "2h");
  const shares = [
    { version: 3, percent: 90 },
    { version: 4, percent: 10 },
  ];
  expect(asked).toEqual([[`PUT ${PATH}/traffic`, { shares, keep_old_ms: 7_200_000 }]]);
  expect(stdout).toMatch(/films\/3:best +3 +90 % +0 of 1 \(1–1\) +ready/);
  expect(stdout).toMatch(/films\/2:best +2 +0 % +0 of 1 \(1–1\) +ready, kept until/);
  asked = [];
  expect((await podium("traffic", "films", "3:90")).stderr).toContain("VERSION=PERCENT");
  expect((await podium("traffic", "films")).stderr).toContain("Say who gets what");
  expect(asked).toEqual([]);
});

test("rollback, history and unbind say what they did", async () => {
  expect((await podium("rollback", "films")).stdout).toContain("90 %");
  expect((await podium("history", "films")).stdout).toMatch(/Podium +canary +3=100 +3=95 4=5/);
  expect((await podium("unbind", "films", "4")).stdout).toContain("ends the calls that it has");
  expect(asked.at(-1)?.[0]).toBe(`DELETE ${PATH}/bindings/${binding(4, 0).id}`);
  expect((await podium("unbind", "films", "9")).stderr).toContain("no version 9");
});

test("a canary is begun by its rules, shown with what it waits for, and ended", async () => {
  const rules = ["--steps", "5,100", "--every", "1m", "--max-p99-ratio", "1.5", "--shadow-first", "50"];
  const begun = await podium("canary", "films", "4", ...rules);
  expect(asked[0]).toEqual([
    `POST ${PATH}/rollouts`,
    {
      version: 4,
      steps: [5, 100],
      every_ms: 60_000,
      max_error_rate: 0.01,
      max_p99_ratio: 1.5,
      min_calls: 100,
      shadow_calls: 50,
      min_agreement: 0.99,
    },
  ]);
  expect(begun.stdout).toContain("is under way, at 5 %.");
  expect((await podium("canary", "films")).stdout).toContain("It waits for 3 of 100 calls");
  expect((await podium("canary", "films", "--abort")).stdout).toContain("was ended by hand");
  expect((await podium("canary", "films", "4", "--abort")).stderr).toContain("Say one thing");
  expect((await podium("canary", "films", "4", "--steps", "5,x")).stderr).toContain("5,25,50,100");
});

test("show has the figures of the versions, and how a shadow compares", async () => {
  const { stdout } = await podium("show", "films");
  expect(stdout).toMatch(/4 +120 +2 +10\.4 ms +31\.2 ms/);
  expect(stdout).toMatch(/4 +50 +98 % +0 +7 +0\.25 +8 ms \(9 ms\) +20 ms \(30 ms\)/);
  expect(stdout).toContain("y[3]: differs by 0.25");
  await podium("shadow", "films", "4", "--share", "20");
  expect(asked.at(-1)).toEqual([`PUT ${PATH}/shadow`, { version: 4, percent: 20, tolerance: 0.001 }]);
  await podium("shadow", "films", "4", "--off");
  expect(asked.at(-1)?.[1]).toMatchObject({ percent: 0 });
});
