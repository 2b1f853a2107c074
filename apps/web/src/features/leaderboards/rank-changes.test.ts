import { expect, test } from "bun:test";
import type { LeaderboardRow } from "../../api/types.ts";
import { announce, changesBetween } from "./rank-changes.ts";

const row = (rank: number, entrant: string, score: number): LeaderboardRow => ({
  rank,
  entrant,
  score,
  columns: {},
  submissions: 1,
  best_submission_id: "sub_1",
  best_at: "2026-01-01T00:00:00Z",
  survives: null,
  interval: null,
});

test("overtaking shows as one up and one down", () => {
  const before = [row(1, "ada", 0.5), row(2, "bob", 0.6)];
  const after = [row(1, "bob", 0.4), row(2, "ada", 0.5)];
  const changes = changesBetween(before, after);
  expect(changes.get("bob")).toEqual({ places: 1, entered: false, improved: true });
  expect(changes.get("ada")).toEqual({ places: -1, entered: false, improved: false });
  expect(announce(changes, after)).toBe("bob rises to rank 1");
});

test("a newcomer is marked, those who stay are not", () => {
  const before = [row(1, "ada", 0.5)];
  const after = [row(1, "ada", 0.5), row(2, "eve", 0.9)];
  const changes = changesBetween(before, after);
  expect([...changes.keys()]).toEqual(["eve"]);
  expect(announce(changes, after)).toBe("eve enters at rank 2");
});

test("a better score without overtaking is told too", () => {
  const after = [row(1, "ada", 0.3)];
  expect(announce(changesBetween([row(1, "ada", 0.5)], after), after)).toBe("ada improves, stays at rank 1");
  expect(changesBetween(after, after).size).toBe(0);
});
