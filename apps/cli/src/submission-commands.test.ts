import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { loggedIn, podiumCommand } from "./testing/podium.ts";

const { runPodium } = podiumCommand();

setDefaultTimeout(60_000);

const AT = "2026-01-01T12:00:00Z";
const id = (n: number) => `sub_${String(n).padStart(32, "0")}`;
const submission = (number: number, more: object = {}) => ({
  id: id(number),
  competition: "films",
  round: "one",
  entrant: "ann",
  number,
  kind: "checkpoint",
  trial: false,
  selected: false,
  memo: null,
  state: "scored",
  queue: null,
  session: null,
  score: 0.5,
  failure: null,
  refunded: false,
  submitted_at: AT,
  ended_at: AT,
  ...more,
});
const SESSION = {
  id: `ses_${"0".repeat(32)}`,
  name: "ann/films/1",
  kind: "train",
  nodes: 1,
  state: "succeeded",
};
const competitions = "/api/v1/competitions/films";
const trial = submission(3, { trial: true, session: SESSION.name, score: 0.25 });
const ANSWERS: Record<string, unknown> = {
  [`GET ${competitions}/changes`]: {
    items: [
      {
        at: AT,
        action: "extended",
        round: "one",
        entrant: null,
        actor: "org",
        reason: "a node",
        details: { closes_at: { before: AT, after: "2026-01-02T12:00:00Z" }, paused_seconds: 3 },
      },
    ],
    next: null,
  },
  "GET /api/v1/me": {
    name: "ann",
    teams: [
      { slug: "ann", personal: true },
      { slug: "film-lab", personal: false },
    ],
  },
  [`GET ${competitions}/entrants`]: {
    items: [
      { team: "owls", state: "active" },
      { team: "ann", state: "merged" },
      { team: "film-lab", state: "active" },
    ],
    next: null,
  },
  "GET /api/v1/sessions": { items: [SESSION], next: null },
  [`GET /api/v1/sessions/${SESSION.id}/logs`]: {
    items: [{ seq: 1, rank: 0, at: AT, text: "predicted 2 rows" }],
    next_seq: 1,
    complete: true,
  },
  [`GET ${competitions}`]: { rounds: [{ name: "one", state: "open" }] },
  [`GET ${competitions}/submissions`]: {
    items: [
      submission(2, {
        state: "inferring",
        queue: { position: 3, waits_for: "node", starts_at: null },
        score: null,
        memo: "trees",
      }),
      submission(1, { selected: true }),
    ],
    next: null,
  },
  [`POST ${competitions}/submissions`]: {
    ...trial,
    state: "inferring",
    queue: { position: 2, waits_for: "scorer_node", starts_at: AT },
  },
  [`GET /api/v1/submissions/${id(3)}`]: trial,
  [`GET /api/v1/submissions/${id(3)}/predictions`]: { file: "predictions.jsonl", lines: ["one", "two"] },
  [`PUT /api/v1/submissions/${id(1)}/selected`]: submission(1, { selected: true }),
  [`DELETE /api/v1/submissions/${id(1)}/selected`]: submission(1),
  [`PUT /api/v1/submissions/${id(2)}/memo`]: submission(2),
  [`POST ${competitions}/rounds/one/pause`]: { paused_at: AT, closes_at: AT },
  [`POST ${competitions}/rounds/one/resume`]: { paused_at: null, closes_at: AT },
  [`POST ${competitions}/rounds/one/extend`]: { paused_at: null, closes_at: "2026-01-02T12:00:00Z" },
};

const asked: { call: string; body: unknown }[] = [];
/** Stands in for the hub's answers, which is all that these commands see of it. */
const hub = Bun.serve({
  port: 0,
  async fetch(request) {
    const { pathname } = new URL(request.url);
    const call = `${request.method} ${pathname}`;
    const text = await request.text();
    const isJson = request.headers.get("content-type")?.includes("json") === true;
    if (request.method !== "GET") asked.push({ call, body: isJson && text !== "" ? JSON.parse(text) : null });
    const answer = ANSWERS[call];
    return answer
      ? Response.json(answer)
      : Response.json({ detail: "no such thing", code: "not_found" }, { status: 404 });
  },
});
afterAll(() => hub.stop(true));

const podium = (...args: string[]) => runPodium(args, { ...loggedIn(hub.url.origin), TZ: "UTC" });
const lastBody = (call: string) => asked.findLast((each) => each.call === call)?.body;

test("who submits and names no team does so for the one that takes part, not for the personal one", async () => {
  await podium("submit", "ann/films/1", "best", "-c", "films", "--detach");
  expect(lastBody(`POST ${competitions}/submissions`)).toMatchObject({ team: "film-lab" });
  await podium("submit", "ann/films/1", "best", "-c", "films", "--detach", "--team", "ann");
  expect(lastBody(`POST ${competitions}/submissions`)).toMatchObject({ team: "ann" });
});

test("a trial run shows its place while it waits, then its log, the first predictions and the score", async () => {
  const { stdout, stderr, exitCode } = await podium(
    "submit",
    "-t",
    "ann/films/1",
    "best",
    "-c",
    "films",
    "-m",
    "try",
  );
  expect(stderr).toContain(
    "films one #3: waiting for a place to be scored, place 2 of those that wait, from about 2026-01-01 12:00",
  );
  expect(stdout.trimEnd().split("\n")).toEqual([
    "predicted 2 rows",
    "one",
    "two",
    "Score: 0.25 on the sample; a trial run is no try",
  ]);
  expect(exitCode).toBe(0);
  expect(lastBody(`POST ${competitions}/submissions`)).toEqual({
    kind: "checkpoint",
    team: "film-lab",
    trial: true,
    memo: "try",
    session_id: SESSION.id,
    checkpoint: "best",
  });
});

test("what is given twice, or for no competition, is refused with what to name", async () => {
  const both = await podium("submit", "ann/films/1", "best", "--code", ".");
  expect([both.exitCode, both.stderr]).toEqual([2, expect.stringContaining("or --code FOLDER")]);
  const nowhere = await podium("submit", "--code", ".");
  expect(nowhere.stderr).toContain("Name the competition of the code: -c NAME");
});

test("the list shows places, choices and notes", async () => {
  const { stdout } = await podium("competition", "submissions", "films");
  expect(stdout).toMatch(/one +ann +2 +checkpoint .*inferring, place 3 of those that wait +– +trees/);
  expect(stdout).toMatch(/one +ann +1\* +checkpoint .*scored +0\.5/);
});

test("a submission is chosen and let go by its number, and noted", async () => {
  const select = (...more: string[]) => podium("competition", "select", "films", ...more);
  expect((await select("1")).stdout).toBe("1 counts on the final board.\n");
  expect((await select("1", "--undo")).stdout).toBe("1 is not chosen any more.\n");
  expect((await select("9")).stderr).toContain("There is no submission 9 of yours in one");
  expect((await podium("competition", "memo", "films", "2", "deeper")).stdout).toBe("2: noted.\n");
  expect(lastBody(`PUT /api/v1/submissions/${id(2)}/memo`)).toEqual({ memo: "deeper" });
});

test("a round is paused, resumed and extended, with a reason", async () => {
  const round = (verb: string, ...more: string[]) => podium("competition", verb, "films", "one", ...more);
  expect((await round("pause", "-r", "a wrong label")).stdout).toContain("films one is paused.");
  expect(lastBody(`POST ${competitions}/rounds/one/pause`)).toEqual({ reason: "a wrong label" });
  expect((await round("resume")).stdout).toBe("films one is open until 2026-01-01 12:00.\n");
  expect((await round("extend", "2026-01-02T12:00:00Z")).stdout).toBe(
    "films one is open until 2026-01-02 12:00.\n",
  );
  expect(lastBody(`POST ${competitions}/rounds/one/extend`)).toEqual({ closes_at: "2026-01-02T12:00:00Z" });
  const vague = await round("extend", "tomorrow");
  expect([vague.exitCode, vague.stderr]).toEqual([2, expect.stringContaining('"tomorrow" is no time')]);
});

test("the history says what a time was before and after as it does of a changed definition", async () => {
  const { stdout } = await podium("competition", "history", "films");
  expect(stdout).toContain('"one" was extended: it closes 2026-01-02 12:00 (by org)\n    reason: a node\n');
  expect(stdout).toContain("    closes_at: 2026-01-01T12:00:00Z → 2026-01-02T12:00:00Z\n");
  expect(stdout).toContain("    paused_seconds: 3");
});
