import { expect, test } from "bun:test";
import { type Ranked, ranksOf, sortRows, survivorsOf } from "./rank.ts";

const NOON = Date.parse("2026-01-01T12:00:00Z");
/** An entrant's row; `at` in seconds after noon. */
const row = (entrantId: string, sortKeys: number[], at = 0): Ranked => ({
  entrantId,
  score: Math.abs(sortKeys[0] ?? 0),
  sortKeys,
  bestAt: new Date(NOON + at * 1000),
});
const names = (sorted: readonly Ranked[]) => sorted.map((each) => each.entrantId).join("");
/** Entrants a, b, c … with these losses, best first. */
const board = (...scores: number[]) =>
  sortRows(scores.map((score, index) => row(String.fromCharCode(97 + index), [score])));

test("ties are decided by further columns, in order; then the earlier submission stands first, then the id", () => {
  const rows = [row("a", [1, 2], 0), row("b", [1, 1], 9), row("d", [1, 2], 0), row("c", [0, 9], 5)];
  expect(names(sortRows(rows))).toBe("cbad");
  expect(names(sortRows(rows.toReversed()))).toBe("cbad");
  expect(names(sortRows([row("a", [1], 30), row("b", [1], 10), row("c", [1], 20)]))).toBe("bca");
});

test("who is parted by a tie-break shares no rank", () => {
  expect(ranksOf(sortRows([row("a", [1, 2]), row("b", [1, 1]), row("c", [1, 2]), row("d", [2, 0])]))).toEqual(
    [1, 2, 2, 4],
  );
});

test("equal scores share a rank, and the next rank counts them all", () => {
  expect(ranksOf(board(1, 2, 2, 4))).toEqual([1, 2, 2, 4]);
  expect(ranksOf(board(1, 1, 1, 2, 2))).toEqual([1, 1, 1, 4, 4]);
  expect(ranksOf([])).toEqual([]);
});

test("the first of the board survive, and whoever ties with the last of them", () => {
  expect(survivorsOf(board(1, 2, 3, 4), { top: 2 }, "ascending")).toEqual(["a", "b"]);
  expect(survivorsOf(board(1, 2, 2, 2, 5), { top: 2 }, "ascending")).toEqual(["a", "b", "c", "d"]);
  expect(survivorsOf(board(1, 2), { top: 10 }, "ascending")).toEqual(["a", "b"]);
  expect(survivorsOf([], { top: 3 }, "ascending")).toEqual([]);
});

test("a tie that a further column decides is none: the cut goes through it", () => {
  const rows = sortRows([row("a", [1, 1]), row("b", [1, 2]), row("c", [1, 2])]);
  expect(survivorsOf(rows, { top: 1 }, "ascending")).toEqual(["a"]);
  expect(survivorsOf(rows, { top: 2 }, "ascending")).toEqual(["a", "b", "c"]);
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
  const falling = sortRows([row("a", [-0.9]), row("b", [-0.8]), row("c", [-0.7])]);
  expect(survivorsOf(falling, { score: 0.8 }, "descending")).toEqual(["a", "b"]);
});

test("`all` lets everybody on", () => {
  expect(survivorsOf(board(1, 2, 3), { all: true }, "ascending")).toEqual(["a", "b", "c"]);
});
