import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { loggedIn, podiumCommand } from "./testing/podium.ts";

const { runPodium } = podiumCommand();

setDefaultTimeout(30_000);

const AT = "2026-01-01T12:00:00Z";
const row = (rank: number, entrant: string, score: number, more: object = {}) => ({
  rank,
  entrant,
  score,
  columns: { time: 1.234 },
  submissions: 3,
  best_submission_id: `sub_${"0".repeat(32)}`,
  best_at: AT,
  survives: null,
  interval: null,
  ...more,
});
const BOARD = {
  competition: "numbers",
  round: "only",
  state: "open",
  metric: "mse",
  order: "ascending",
  board: "public",
  columns: [{ key: "time", title: "Time", order: "ascending", precision: 1, hidden: false }],
  entrants: 9,
  frozen_at: AT,
  revealed_at: null,
  revealed_rank: null,
  at: AT,
  rows: [row(1, "bob", 0.5, { interval: { low: 1, high: 3, chance: 0.875 } }), row(2, "cid", 0.6)],
  own: [row(7, "ann", 0.9)],
  next: null,
};
const standing = (rank: number, entrant: string, score: number) => ({ rank, entrant, score });
const SURVIVORS = {
  competition: "numbers",
  round: "only",
  state: "closed",
  rule: { top: 1 },
  places: 1,
  cut: standing(1, "cid", 2),
  survivors: [standing(1, "bob", 2), standing(1, "cid", 2)],
  survivors_count: 2,
  ties: [standing(1, "cid", 2)],
  first_out: standing(3, "ann", 5),
  eliminated_count: 1,
  unscored_count: 1,
  under_way: 0,
  advanced_at: null,
  undoable: false,
  why_not_undoable: null,
};
const asked: { method: string; url: URL; body: string }[] = [];
const base = "/api/v1/competitions/numbers";
const ANSWERS: Record<string, unknown> = {
  "GET /api/v1/me": { name: "ann", teams: [{ slug: "ann", personal: true }] },
  [`GET ${base}/rounds/only/leaderboard`]: BOARD,
  [`GET ${base}/rounds/only/survivors`]: SURVIVORS,
  [`POST ${base}/rounds/only/advance`]: { state: "closed" },
  [`POST ${base}/rounds/only/advance/undo`]: { state: "closed" },
  [`POST ${base}/rounds/only/reveal`]: { state: "closed" },
  [`GET ${base}/statistics`]: {
    competition: "numbers",
    joined: 12,
    rounds: [
      {
        round: "only",
        users: 9,
        entrants: 8,
        models: 40,
        scored: 38,
        failed: 2,
        mean: 5,
        maximum: 11,
        share_under_5: 0.625,
      },
    ],
    days: [{ day: "2026-01-01", round: "only", models: 40, entrants: 8 }],
    heaviest: [{ entrant: "bob", models: 11, scored: 10 }],
  },
};
const hub = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  async fetch(request) {
    const url = new URL(request.url);
    asked.push({ method: request.method, url, body: await request.text() });
    const answer = ANSWERS[`${request.method} ${url.pathname}`];
    return answer === undefined ? new Response(null, { status: 404 }) : Response.json(answer);
  },
});
afterAll(() => hub.stop(true));
const podium = (...args: string[]) => runPodium(args, loggedIn(hub.url.href));
const words = (text: string) => text.replaceAll(/ +/g, " ");

test("a board shows its columns, intervals, the freeze, and one's own row below", async () => {
  const { stdout } = await podium("board", "numbers", "only");
  const lines = words(stdout).split("\n");
  expect(lines[0]).toBe("numbers, only (open; lower is better; 9 entrants)");
  expect(lines[1]).toStartWith("Frozen since");
  expect(lines[2]).toContain("RANK ENTRANT MSE TIME 95 % RANKS SUBMISSIONS");
  expect(lines[3]).toContain("1 bob 0.5 1.2 1–3, 88 % survive 3");
  expect(lines.at(-2)).toContain("7 ann (you) 0.9");
});

test("another board, time or place is asked for as it is said", async () => {
  await podium(
    "board",
    "numbers",
    "only",
    "--private",
    "--at",
    "2026-01-01T12:00:00+09:00",
    "--around",
    "me",
  );
  expect(Object.fromEntries(asked.at(-1)?.url.searchParams ?? [])).toEqual({
    limit: "50",
    board: "private",
    at: "2026-01-01T03:00:00.000Z",
    around: "ann",
  });
  const wrong = await podium("board", "numbers", "only", "--at", "yesterday");
  expect(wrong.exitCode).toBe(2);
  expect(wrong.stderr).toContain("2026-05-01T12:00:00+09:00");
});

test("survivors: the cut and the ties are said, and another rule is passed on", async () => {
  const { stdout } = await podium("competition", "survivors", "numbers", "only", "--share", "0.3");
  expect(asked.at(-1)?.url.searchParams.get("share")).toBe("0.3");
  expect(stdout).toContain("2 survivors by top 1");
  expect(stdout).toContain("between cid (rank 1, 2) and ann (rank 3, 5)");
  expect(stdout).toContain("1 entrant survives by a tie with place 1");
});

test("advance, undo and reveal send what was said", async () => {
  await podium("competition", "advance", "numbers", "only", "--reason", "checked");
  expect(asked.at(-1)).toMatchObject({ method: "POST", body: '{"reason":"checked"}' });
  await podium("competition", "undo", "numbers", "only");
  expect(asked.at(-1)?.url.pathname).toEndWith("/advance/undo");
  const { stdout } = await podium("competition", "reveal", "numbers", "only", "--until-rank", "3");
  expect(asked.at(-1)?.body).toBe('{"until_rank":3}');
  expect(stdout).toContain("from rank 3 down");
});

test("statistics are tables of rounds, days and entrants", async () => {
  const { stdout } = await podium("competition", "stats", "numbers");
  expect(words(stdout)).toContain("only 9 8 40 38 2 5.0 11 63 %");
  expect(words(stdout)).toContain("2026-01-01 only 40 8");
  expect(words(stdout)).toContain("bob 11 10");
});
