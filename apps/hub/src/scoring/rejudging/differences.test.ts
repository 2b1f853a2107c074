import { expect, test } from "bun:test";
import { differences } from "./differences.ts";
import type { Compared } from "./store.ts";

/** Submissions in order, as entrant, public score before and after; the private one is ten times that. */
function made(...rows: [string, number | null, number | null, boolean?][]): Compared[] {
  const both = (score: number | null) => ({ public: score, private: score === null ? null : score * 10 });
  return rows.map(([entrant, before, after, selected = false], index) => ({
    id: String(index),
    entrant,
    selected,
    submittedAt: new Date(index),
    before: both(before),
    after: both(after),
  }));
}

const best = { counts: "best", final: "best" } as const;
const onPublic = (rows: Compared[], rule: Parameters<typeof differences>[2] = best) =>
  differences(rows, "descending", rule).filter(({ board }) => board === "public");

test("an entrant whose score and rank stay is not named", () => {
  expect(onPublic(made(["a", 1, 1], ["b", 3, 3]))).toEqual([]);
});

test("who is overtaken changes rank though its score stays; equal scores share a rank", () => {
  expect(onPublic(made(["a", 3, 3], ["b", 1, 4], ["c", 3, 3]))).toEqual([
    { entrant: "b", board: "public", before: { rank: 3, score: 1 }, after: { rank: 1, score: 4 } },
    { entrant: "a", board: "public", before: { rank: 1, score: 3 }, after: { rank: 2, score: 3 } },
    { entrant: "c", board: "public", before: { rank: 1, score: 3 }, after: { rank: 2, score: 3 } },
  ]);
});

test("the best or the last counts; one without a score any more leaves the board", () => {
  const rows = made(["a", 5, null], ["a", 2, 2]);
  expect(onPublic(rows)).toMatchObject([{ before: { score: 5 }, after: { score: 2 } }]);
  expect(onPublic(rows, { counts: "last", final: "best" })).toEqual([]);
  expect(onPublic(made(["a", 5, null]))).toMatchObject([{ before: { rank: 1, score: 5 }, after: null }]);
});

test("the final board has its own rule, and its own scores; a smaller loss is better", () => {
  const rows = made(["a", 5, 4, true], ["a", 1, 1], ["b", 3, 3, true]);
  const found = differences(rows, "ascending", { counts: "best", final: { selected: 2 } });
  expect(found).toEqual([
    { entrant: "a", board: "private", before: { rank: 2, score: 50 }, after: { rank: 2, score: 40 } },
  ]);
});
