import { expect, test } from "bun:test";
import { bootstrapRanks } from "./bootstrap.ts";
import { seededInts } from "./random.ts";

function run(losses: number[][], places: number | null = null, seed = 1) {
  const steps = bootstrapRanks(
    losses.map((its) => Float64Array.from(its)),
    {
      resamples: 1000,
      draw: seededInts(seed),
      places,
    },
  );
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}
const rows = (count: number, of: (row: number) => number) =>
  Array.from({ length: count }, (_, row) => of(row));

test("who is better on every row is first in every resample", () => {
  const found = run(
    [rows(50, (n) => 1 + (n % 7)), rows(50, (n) => 2 + (n % 7)), rows(50, (n) => 3 + (n % 7))],
    2,
  );
  expect(found.map(({ low, high, chance }) => [low, high, chance])).toEqual([
    [1, 1, 1],
    [2, 2, 1],
    [3, 3, 0],
  ]);
});

test("the rows are the same for all: who answers alike ties in every resample", () => {
  const same = rows(40, (n) => (n * 37) % 11);
  expect(run([same, same, rows(40, () => 100)])).toEqual([
    { low: 1, high: 1, chance: null },
    { low: 1, high: 1, chance: null },
    { low: 3, high: 3, chance: null },
  ]);
});

test("of two who win half of the rows each, either is first about half of the time", () => {
  const [a, b] = run([rows(200, (n) => n % 2), rows(200, (n) => 1 - (n % 2))], 1);
  expect([a?.low, a?.high, b?.low, b?.high]).toEqual([1, 2, 1, 2]);
  expect(a?.chance).toBeWithin(0.4, 0.6);
});

test("the chance of a mean to be the smaller one is that of the normal approximation", () => {
  // Differences of mean 0.2 and variance 1 over 100 rows: z = 2, and 97.7 % of the resamples.
  const spread = rows(100, (n) => (n % 2 === 0 ? 1 : -1));
  const [a] = run([rows(100, () => 0), spread.map((value) => value + 0.2)], 1);
  expect(a?.chance).toBeWithin(0.96, 0.992);
});

test("the same seed gives the same intervals; nobody at all gives none", () => {
  const losses = [rows(30, (n) => (n * 7) % 5), rows(30, (n) => (n * 3) % 4)];
  expect(run(losses, 1, 9)).toEqual(run(losses, 1, 9));
  expect(run([])).toEqual([]);
});
