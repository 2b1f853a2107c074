import { expect, test } from "bun:test";
import type { Leaderboard, LeaderboardRow } from "../../api/types.ts";
import { joinPages, leavesOut, replaceFirst } from "./join-pages.ts";

const row = (rank: number, entrant: string): LeaderboardRow => ({
  rank,
  entrant,
  score: rank,
  columns: {},
  submissions: 1,
  best_submission_id: "sub_1",
  best_at: "2026-01-01T00:00:00Z",
  survives: null,
  interval: null,
});
const page = (rows: LeaderboardRow[], more: Partial<Leaderboard> = {}): Leaderboard => ({
  competition: "c",
  round: "r",
  state: "open",
  metric: "mse",
  order: "ascending",
  board: "public",
  columns: [],
  entrants: 9,
  frozen_at: null,
  revealed_at: null,
  revealed_rank: null,
  at: null,
  rows,
  own: [],
  next: null,
  ...more,
});

test("pages become one board; who moved while they were fetched stands on it once, where it was seen last", () => {
  const joined = joinPages([page([row(1, "ada"), row(2, "bob")]), page([row(3, "ada"), row(4, "cid")])]);
  expect(joined?.rows.map(({ rank, entrant }) => [rank, entrant])).toEqual([
    [2, "bob"],
    [3, "ada"],
    [4, "cid"],
  ]);
  expect(joinPages([])).toBeUndefined();
});

test("of a page that was sent one's own row is taken; off the page it stays until it is fetched", () => {
  const before = page([row(1, "ada"), row(2, "bob")], { own: [row(2, "bob")] });
  const better = page([row(1, "bob"), row(2, "ada")]);
  expect(replaceFirst(before, better).own).toEqual([row(1, "bob")]);
  expect(leavesOut(before, better)).toBe(false);
  const off = page([row(1, "ada"), row(2, "cid")]);
  expect(replaceFirst(before, off).own).toEqual([row(2, "bob")]);
  expect(leavesOut(before, off)).toBe(true);
});

test("another board than before has own rows that nobody sends", () => {
  expect(leavesOut(page([]), page([], { board: "private" }))).toBe(true);
  expect(leavesOut(undefined, page([]))).toBe(true);
});
