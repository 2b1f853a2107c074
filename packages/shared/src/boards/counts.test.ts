import { expect, test } from "bun:test";
import { type BoardRule, sortKeysOf } from "./board-rule.ts";
import { countsOf, type Scored } from "./counts.ts";

const RULE: BoardRule = {
  sort: [
    { key: "score", sign: 1 },
    { key: "f1", sign: -1 },
  ],
  counts: "best",
  final: "best",
  split: true,
  ladder: false,
};
const scored = (
  id: string,
  score: number,
  privateScore: number | null,
  more: Partial<Scored> = {},
): Scored => ({
  id,
  submittedAt: new Date(Number(id)),
  score,
  columns: null,
  privateScore,
  privateColumns: null,
  selected: false,
  ...more,
});
const of = (rule: Partial<BoardRule>, all: readonly Scored[]) => {
  const counts = countsOf({ ...RULE, ...rule }, all);
  return [counts.public?.bestSubmissionId, counts.private?.bestSubmissionId, counts.private?.score];
};

test("the best by public rows counts in the end, with its private score, though another has a better one", () => {
  expect(of({}, [scored("1", 0.2, 0.9), scored("2", 0.3, 0.1)])).toEqual(["1", "1", 0.9]);
});

test("the last one counts where the definition says so, however it was", () => {
  expect(of({ counts: "last", final: "last" }, [scored("2", 0.9, 0.8), scored("1", 0.1, 0.1)])).toEqual([
    "2",
    "2",
    0.8,
  ]);
});

test("of the selected the best by private rows counts", () => {
  const all = [
    scored("1", 0.1, 0.05),
    scored("2", 0.5, 0.4, { selected: true }),
    scored("3", 0.6, 0.3, { selected: true }),
  ];
  expect(of({ final: { selected: 2 } }, all)).toEqual(["1", "3", 0.3]);
});

test("who selected too few has the rest filled up by the best public ones", () => {
  const all = [scored("1", 0.1, 0.2), scored("2", 0.2, 0.1), scored("3", 0.9, 0.9, { selected: true })];
  expect(of({ final: { selected: 2 } }, all)).toEqual(["1", "1", 0.2]);
  expect(of({ final: { selected: 3 } }, all)).toEqual(["1", "2", 0.1]);
});

test("more selected than count, from before the number was lowered: the earliest of them", () => {
  const all = [1, 2, 3].map((id) => scored(String(id), 0.5, 1 / id, { selected: true }));
  expect(of({ final: { selected: 2 } }, all)).toEqual(["1", "2", 0.5]);
});

test("equal scores are parted by further columns, then by age; a column without a value is the worst", () => {
  const all = [
    scored("1", 0.5, 1),
    scored("2", 0.5, 1, { columns: { f1: 0.6 } }),
    scored("3", 0.5, 1, { columns: { f1: 0.7 } }),
    scored("4", 0.5, 1, { columns: { f1: 0.7 } }),
  ];
  expect(of({}, all)[0]).toBe("3");
  expect(sortKeysOf(RULE, { score: 0.5, columns: {} })).toEqual([0.5, Number.POSITIVE_INFINITY]);
});

test("without a private score there is no final row in a split round, and none is made up", () => {
  expect(countsOf(RULE, [scored("1", 0.1, null)])).toMatchObject({ public: { score: 0.1 }, private: null });
  expect(countsOf({ ...RULE, split: false }, [scored("1", 0.1, null)])).toMatchObject({
    private: { score: 0.1 },
  });
});

test("a negated zero is the zero that it equals", () => {
  const down: BoardRule = { ...RULE, sort: [{ key: "score", sign: -1 }] };
  expect(Object.is(sortKeysOf(down, { score: 0, columns: {} })[0], 0)).toBe(true);
});
