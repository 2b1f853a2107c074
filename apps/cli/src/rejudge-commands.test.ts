import { afterAll, beforeEach, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { commitmentHash } from "@podium/shared";
import { createDigest } from "./read-local.ts";
import { loggedIn, podiumCommand } from "./testing/podium.ts";
import { treeIdOf } from "./tree-id.ts";

const { runPodium } = podiumCommand();

setDefaultTimeout(120_000);

const ID = `rej_${"0".repeat(32)}`;
const REJUDGING = {
  id: ID,
  competition: "mine",
  round: "one",
  applying: false,
  reason: "wrong row",
  pending: 0,
  scored: 2,
  failed: 1,
  wait: null,
  created_at: "2026-01-01T00:00:00Z",
  ended_at: null,
};
const WAIT = {
  waiting: 2,
  since: "2026-01-01T00:00:00Z",
  gives_up_at: "2026-01-02T00:00:00Z",
  session: "acme/mine-one/7",
  starts_at: null,
  rule: "room",
  nodes: [{ node: "gpu-1", reason: "lacks 2 GiB of memory" }],
};
const ANSWERS: Record<string, unknown> = {
  "GET /api/v1/competitions/mine/scoring": { queued: 1, running: 3, wait: WAIT },
  "POST /api/v1/competitions/mine/rounds/one/rejudgings": { ...REJUDGING, state: "scoring", pending: 3 },
  "GET /api/v1/competitions/mine/rounds/one/rejudgings": { items: [{ ...REJUDGING, state: "ready" }] },
  [`GET /api/v1/competitions/mine/rejudgings/${ID}`]: {
    ...REJUDGING,
    state: "ready",
    changed: 3,
    changes: [
      { entrant: "ann", board: "public", before: { rank: 2, score: 1 }, after: { rank: 1, score: 0.5 } },
      { entrant: "bob", board: "private", before: { rank: 1, score: 1 }, after: null },
    ],
  },
  [`POST /api/v1/competitions/mine/rejudgings/${ID}/apply`]: {
    ...REJUDGING,
    state: "scoring",
    applying: true,
  },
  [`POST /api/v1/competitions/mine/rejudgings/${ID}/cancel`]: { ...REJUDGING, state: "cancelled" },
};
const asked: [string, string, unknown][] = [];
let round: Record<string, unknown> = {};

/** Stands in for the hub's answers, which is all that these commands see of it. */
const hub = Bun.serve({
  port: 0,
  async fetch(request) {
    const { pathname } = new URL(request.url);
    const body = await request.text();
    asked.push([request.method, pathname, body === "" ? null : JSON.parse(body)]);
    if (pathname === "/api/v1/competitions/mine")
      return Response.json({ name: "mine", rounds: [{ name: "one", ...round }] });
    return Response.json(ANSWERS[`${request.method} ${pathname}`] ?? {});
  },
});
const folder = await mkdtemp(join(tmpdir(), "podium-verify-"));
afterAll(async () => {
  await hub.stop(true);
  await rm(folder, { recursive: true });
});

async function podium(...args: string[]) {
  const {
    stdout,
    stderr,
    exitCode: code,
  } = await runPodium(["competition", ...args], loggedIn(hub.url.origin));
  return { stdout, stderr, code };
}

test("the organizer reads what its scorer waits for: of live submissions, and of a rejudging", async () => {
  const live = await podium("scoring", "mine");
  expect(live.stdout).toContain("1 wait for their turn at Podium's scorer, your program looks at 3.");
  expect(live.stdout).toContain("2 wait for a node to run your scorer: no node has room for it");
  expect(live.stdout).toContain("  gpu-1: lacks 2 GiB of memory\nMore: podium why acme/mine-one/7");

  const path = `GET /api/v1/competitions/mine/rejudgings/${ID}`;
  const before = ANSWERS[path];
  ANSWERS[path] = {
    ...(before as object),
    state: "scoring",
    wait: { ...WAIT, waiting: 0, session: null },
  };
  const { stdout } = await podium("rejudging", "mine", ID);
  ANSWERS[path] = before;
  expect(stdout).toContain("No node can ever run your scorer, since");
  expect(stdout).toContain("It is tried again each minute.");
});

test("a round is scored again for a reason; the list and the differences say what would change", async () => {
  expect((await podium("rejudge", "mine", "one")).code).not.toBe(0);
  const { stdout } = await podium("rejudge", "mine", "one", "--reason", "wrong row");
  expect(asked.at(-1)?.[2]).toEqual({ reason: "wrong row" });
  expect(stdout).toContain(`podium competition rejudging mine ${ID}`);
  expect((await podium("rejudgings", "mine", "one")).stdout).toMatch(/ready +3 of 3 +wrong row/);
  const shown = (await podium("rejudging", "mine", ID)).stdout;
  expect(shown).toMatch(/public +ann +2 → 1 +1 → 0.5/);
  expect(shown).toMatch(/private +bob +1 → – +1 → –/);
  expect(shown).toContain("1 more");
});

test("it is applied or cancelled by its id", async () => {
  expect((await podium("rejudge-apply", "mine", ID)).stdout).toContain("scored first");
  expect((await podium("rejudge-cancel", "mine", ID)).stdout).toContain("is cancelled");
});

const labels = join(folder, "labels.csv");
await Bun.write(labels, "id,y\na,1\n");
const committed = { labels_tree: await treeIdOf(labels), scorer_tree: null, scorer_version: "v", nonce: "n" };
const commitment = commitmentHash(committed, createDigest);

beforeEach(() => {
  round = { commitment, committed, labels_replaced: false };
});

test("what was committed to is verified: the hash, one's own note of it, and the labels that were given out", async () => {
  const { stdout, code } = await podium("verify", "mine", "one", "--labels", labels, "--hash", commitment);
  expect({ stdout, code }).toEqual({
    stdout: expect.stringMatching(/published hash: fits\nyour hash: fits\nlabels: fits/),
    code: 0,
  });
});

test("other labels, another hash, or parts that don't make the hash, fail", async () => {
  const other = join(folder, "other.csv");
  await Bun.write(other, "id,y\na,2\n");
  const wrong = await podium("verify", "mine", "one", "--labels", other);
  expect(wrong.stdout).toContain("labels: DOES NOT FIT");
  expect(wrong.code).not.toBe(0);
  expect((await podium("verify", "mine", "one", "--hash", "0".repeat(64))).stdout).toContain(
    "your hash: DOES NOT FIT",
  );
  round = { ...round, committed: { ...committed, nonce: "another" } };
  expect((await podium("verify", "mine", "one")).code).not.toBe(0);
});

test("before the reveal there is nothing to verify yet; a rejudging since is told", async () => {
  round = { commitment, committed: null, labels_replaced: null };
  expect((await podium("verify", "mine", "one")).stderr).toContain(commitment);
  round = { commitment: null, committed: null, labels_replaced: null };
  expect((await podium("verify", "mine", "one")).stderr).toContain("not opened yet");
  expect((await podium("verify", "mine", "two")).stderr).toContain('no round "two"');
  round = { commitment, committed, labels_replaced: true };
  expect((await podium("verify", "mine", "one")).stdout).toContain("replaced by a rejudging");
});
