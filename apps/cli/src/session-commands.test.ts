import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { loggedIn, podiumCommand } from "./testing/podium.ts";

const { runPodium } = podiumCommand();

setDefaultTimeout(30_000);

const SESSION = {
  id: `ses_${"0".repeat(32)}`,
  name: "ann/films/1",
  kind: "train",
  state: "running",
  entrypoint: "main.py",
  args: ["--lr", "0.1"],
  memo: "",
  failure: null,
  nodes: 1,
  resources: { gpus: 2, gpu_milli: 1000, gpu_model: "A100", cpu_milli: 2000, memory_bytes: 1024 ** 3 },
  datasets: ["films"],
  forked_from: { session_id: `ses_${"1".repeat(32)}`, name: "ann/films/7", checkpoint: "best" },
  created_at: "2026-01-01T11:00:00Z",
  started_at: "2026-01-01T11:30:00Z",
  ended_at: null,
  retry_at: null,
};
const path = `/api/v1/sessions/${SESSION.id}`;
const AT = "2026-01-01T12:00:00Z";
const attempt = (number: number, more: object) => ({
  number,
  rank: 0,
  was_ended: false,
  node: `gpu-${number}`,
  state: "ended",
  created_at: AT,
  started_at: AT,
  ended_at: null,
  exit_code: null,
  failure: null,
  records: 0,
  recorded_until: null,
  complete: false,
  ...more,
});
const point = (name: string, step: number, value: number | null) => ({
  seq: step + 1,
  name,
  step,
  value,
  at: AT,
});
const ANSWERS: Record<string, unknown> = {
  "GET /api/v1/sessions": { items: [SESSION], next: null },
  [`GET ${path}/attempts`]: {
    items: [
      attempt(1, {
        state: "lost",
        failure: { code: "node_lost" },
        records: 7,
        ended_at: AT,
        recorded_until: AT,
      }),
      attempt(2, { state: "running", records: 3, recorded_until: AT }),
    ],
  },
  [`GET ${path}/alerts`]: { items: [{ text: "It holds 2 GPUs and does not use them." }] },
  [`GET ${path}/metrics`]: {
    items: [0, 1, 2, 3].flatMap((step) => [point("train__loss", step, 4 - step), point("bad", step, null)]),
    next_seq: 0,
  },
  [`GET ${path}/checkpoints`]: {
    items: ["epoch-1", "epoch-2", "best"].map((name) => ({ name, tree_id: "0".repeat(64) })),
  },
};

const removed: (string | null)[] = [];
/** Stands in for the hub's answers, which is all that these commands see of it. */
const hub = Bun.serve({
  port: 0,
  fetch(request) {
    const { pathname, searchParams } = new URL(request.url);
    if (request.method === "DELETE") {
      if (searchParams.get("name") === "epoch-2")
        return Response.json(
          {
            type: "/problems/conflict",
            title: "",
            status: 409,
            code: "conflict",
            detail: "it was submitted",
          },
          { status: 409 },
        );
      removed.push(searchParams.get("name"));
      return new Response(null, { status: 204 });
    }
    const answer = ANSWERS[`${request.method} ${pathname}`];
    return answer
      ? Response.json(answer)
      : Response.json({ detail: "no such thing", code: "not_found" }, { status: 404 });
  },
});
afterAll(() => hub.stop(true));

async function podium(...args: string[]) {
  const {
    stdout,
    stderr,
    exitCode: code,
  } = await runPodium(args, { ...loggedIn(hub.url.origin), TZ: "UTC" });
  return { stdout, stderr, code };
}

test("show says where a session ran, up to where its log is complete, and what is missing of a lost attempt", async () => {
  const { stdout } = await podium("show", "ann/films/1");
  const lines = stdout.split("\n");
  expect(lines.slice(0, 8)).toEqual([
    "ann/films/1 (train): running",
    "It holds 2 GPUs and does not use them.",
    "Runs: main.py --lr 0.1",
    "Needs: 2 GPUs (A100), 2 CPUs, 1.0 GiB",
    "Data: films",
    "Forked from: ann/films/7, checkpoint best",
    "Made 2026-01-01 11:00, started 2026-01-01 11:30",
    "Log and metrics: complete up to 2026-01-01 12:00 (record 3). Attempt 1 was lost at 2026-01-01 12:00: what it wrote after 2026-01-01 12:00 is missing.",
  ]);
  expect(lines[10]).toMatch(/^ +1 +gpu-1 .* node_lost +7 /);
  expect(lines[11]).toMatch(/^ +2 +gpu-2 .* – +\(running\) +3 /);
  const json = JSON.parse((await podium("show", "ann/films/1", "--json")).stdout);
  expect([json.session.name, json.attempts.length, json.alerts.length]).toEqual(["ann/films/1", 2, 1]);
});

test("one that runs is not asked about before it is removed: it is to be stopped first", async () => {
  expect(await podium("rm", "ann/films/1")).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("ann/films/1 is running: stop first"),
  });
});

test("plot draws each metric that has values between its least and its greatest", async () => {
  const { stdout } = await podium("plot", "ann/films/1");
  const lines = stdout.trimEnd().split("\n");
  expect(lines[0]).toBe("train/loss  last 1");
  expect(lines[1]).toMatch(/^ +4 [⠀-⣿]+$/u);
  expect(lines[8]).toMatch(/^ +1 [⠀-⣿]+$/u);
  expect(lines[9]).toMatch(/^ +0 +3$/);
  expect(lines).toHaveLength(10);
  expect(await podium("plot", "ann/films/1", "-n", "accuracy")).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('nothing to draw as "accuracy"'),
  });
});

test("events are the reported values, and eventlen counts them", async () => {
  expect((await podium("events", "ann/films/1")).stdout).toBe(
    (await podium("metrics", "ann/films/1")).stdout,
  );
  expect((await podium("eventlen", "ann/films/1")).stdout).toBe("8\n");
  expect((await podium("eventlen", "ann/films/1", "-n", "train/loss")).stdout).toBe("4\n");
});

test("model rm removes what a pattern names, and says what is needed and stays", async () => {
  const { code, stdout, stderr } = await podium("model", "rm", "ann/films/1", "epoch-*", "--force");
  expect([code, stdout, removed]).toEqual([1, "Removed epoch-1.\n", ["epoch-1"]]);
  expect(stderr).toContain("it was submitted");
  const none = await podium("model", "rm", "ann/films/1", "last", "--force");
  expect(none.stderr).toContain("It has: epoch-1, epoch-2, best");
  const unasked = await podium("model", "rm", "ann/films/1", "best");
  expect([unasked.code, unasked.stderr]).toEqual([2, expect.stringContaining("--force")]);
});

test("model pull names the checkpoints that there are", async () => {
  expect((await podium("model", "pull", "ann/films/1", "last", "/nowhere")).stderr).toContain(
    'The session has no checkpoint "last". It has: epoch-1, epoch-2, best.',
  );
});

test("who asks why a session does not run is told what stopped it and what to do", async () => {
  const why = async (more: object) => {
    ANSWERS["GET /api/v1/sessions"] = { items: [{ ...SESSION, ...more }], next: null };
    ANSWERS[`GET ${path}/why`] = {
      position: null,
      starts_at: null,
      rule: null,
      nodes: [],
      ...more,
    };
    const { stdout } = await podium("why", SESSION.name);
    ANSWERS["GET /api/v1/sessions"] = { items: [SESSION], next: null };
    return stdout;
  };
  expect(await why({ state: "paused", stop_reason: "credits_exhausted" })).toBe(
    "ann/films/1 does not wait: it is paused: the team's credit is used up. " +
      "With new credit, podium resume goes on from its last checkpoint.\n",
  );
  const failure = { code: "credits_exhausted", message: "It costs 2, and the team has 1.", hint: null };
  expect(await why({ state: "failed", failure })).toBe(
    "ann/films/1 does not wait: it has failed: It costs 2, and the team has 1.\n",
  );
  expect(await why({ state: "running" })).toBe("ann/films/1 does not wait: it is running.\n");
});
