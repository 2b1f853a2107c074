import { expect, test } from "bun:test";
import type { Submission } from "../../api/types.ts";
import { progressOf } from "./progress.ts";

const submission = (number: number, score: number | null, trial = false): Submission => ({
  id: `sub_${number}`,
  competition: "films",
  round: "one",
  entrant: "ada",
  number,
  kind: "checkpoint",
  trial,
  selected: false,
  memo: null,
  queue: null,
  session: null,
  state: score === null ? "failed" : "scored",
  score,
  failure: null,
  refunded: false,
  submitted_at: "2026-01-01T00:00:00Z",
  ended_at: null,
});

test("the best score so far only gets better; failures and trial runs are left out", () => {
  const newestFirst = [
    submission(5, 0.1, true),
    submission(4, 0.9),
    submission(3, 0.5),
    submission(2, null),
    submission(1, 0.7),
  ];
  expect(progressOf(newestFirst, "ascending").map(({ number, best }) => [number, best])).toEqual([
    [1, 0.7],
    [3, 0.5],
    [4, 0.5],
  ]);
  expect(progressOf(newestFirst, "descending").map(({ best }) => best)).toEqual([0.7, 0.7, 0.9]);
});
