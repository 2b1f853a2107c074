import { expect, test } from "bun:test";
import { ranksOf, sortStandings, survivorsOf } from "./rank.ts";
import type { Standing } from "./store.ts";

const NOON = Date.parse("2026-01-01T12:00:00Z");
/** An entrant's standing; `at` in seconds after noon. */
const standing = (entrantId: string, score: number, at = 0): Standing => ({
  entrantId,
  score,
  submissions: 1,
  bestSubmissionId: `sub_${entrantId}`,
  bestAt: new Date(NOON + at * 1000),
});
const names = (sorted: readonly Standing[]) => sorted.map((each) => each.entrantId).join("");
/** Entrants a, b, c … with these scores, best first. */
const board = (...scores: number[]) =>
  sortStandings(
    scores.map((score, index) => standing(String.fromCharCode(97 + index), score)),
    "ascending",
  );

test("a smaller loss is better, and so is a larger accuracy", () => {
  const standings = [standing("a", 2), standing("b", -1), standing("c", 3)];
  expect(names(sortStandings(standings, "ascending"))).toBe("bac");
  expect(names(sortStandings(standings, "descending"))).toBe("cab");
});

test("among equal scores the earlier submission stands first, whatever the direction", () => {
  const standings = [standing("a", 1, 30), standing("b", 1, 10), standing("d", 1, 20), standing("c", 1, 20)];
  expect(names(sortStandings(standings, "ascending"))).toBe("bcda");
  expect(names(sortStandings(standings, "descending"))).toBe("bcda");
  expect(names(sortStandings(standings.toReversed(), "ascending"))).toBe("bcda");
});

test("equal scores share a rank, and the next rank counts them all", () => {
  expect(ranksOf(board(1, 2, 2, 4))).toEqual([1, 2, 2, 4]);
  expect(ranksOf(board(1, 1, 1, 2, 2))).toEqual([1, 1, 1, 4, 4]);
  expect(ranksOf(board(-0, 0))).toEqual([1, 1]);
  expect(ranksOf([])).toEqual([]);
});

test("the first of the board survive, and whoever ties with the last of them", () => {
  expect(survivorsOf(board(1, 2, 3, 4), { top: 2 }, "ascending")).toEqual(["a", "b"]);
  expect(survivorsOf(board(1, 2, 2, 2, 5), { top: 2 }, "ascending")).toEqual(["a", "b", "c", "d"]);
  expect(survivorsOf(board(1, 2), { top: 10 }, "ascending")).toEqual(["a", "b"]);
  expect(survivorsOf([], { top: 3 }, "ascending")).toEqual([]);
});

test("a share is rounded up to whole entrants", () => {
  expect(survivorsOf(board(1, 2, 3), { share: 0.5 }, "ascending")).toEqual(["a", "b"]);
  expect(survivorsOf(board(1, 2, 3), { share: 0.01 }, "ascending")).toEqual(["a"]);
  expect(survivorsOf(board(1, 2, 3), { share: 1 }, "ascending")).toEqual(["a", "b", "c"]);
  expect(survivorsOf([], { share: 0.5 }, "ascending")).toEqual([]);
  const hundred = board(...Array.from({ length: 100 }, (_, index) => index));
  // 0.07 × 100 is a little more than 7 in floating point.
  expect(survivorsOf(hundred, { share: 0.07 }, "ascending")).toHaveLength(7);
  expect(survivorsOf(hundred, { share: 0.071 }, "ascending")).toHaveLength(8);
});

test("a threshold is the value that is just good enough", () => {
  expect(survivorsOf(board(1, 2, 2, 3), { score: 2 }, "ascending")).toEqual(["a", "b", "c"]);
  expect(survivorsOf(board(1, 2), { score: 0.5 }, "ascending")).toEqual([]);
  const falling = sortStandings([standing("a", 0.9), standing("b", 0.8), standing("c", 0.7)], "descending");
  expect(survivorsOf(falling, { score: 0.8 }, "descending")).toEqual(["a", "b"]);
});

test("`all` lets everybody on", () => {
  expect(survivorsOf(board(1, 2, 3), { all: true }, "ascending")).toEqual(["a", "b", "c"]);
});
