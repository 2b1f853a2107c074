import { expect, test } from "bun:test";
import { BatchSize } from "./batch-size.ts";
import { Latency } from "./latency.ts";

const MAX = 64;

/** A model of 10 ms a batch and 1 ms a row, measured up to 64 rows. */
function measured() {
  const latency = new Latency();
  for (let n = 0; n < 40; n += 1) for (const rows of [1, 4, 16, 64]) latency.observe(rows, 10 + rows);
  return latency;
}

test("a batch has as many rows as nine tenths of the time allow, and never more than the model takes", () => {
  const size = new BatchSize(measured());
  expect(size.limit(MAX, 1_000)).toBe(64);
  expect(size.limit(MAX, 50)).toBe(35);
  expect(size.limit(8, 50)).toBe(8);
  expect(size.limit(MAX, 13)).toBe(1);
});

test("a call that is late in any batch does not make those behind it wait for one of its own", () => {
  const size = new BatchSize(measured());
  for (const left of [12, 5, 0, -100]) expect(size.limit(MAX, left)).toBe(64);
});

test("of a model that nothing is known of, batches grow by what was measured", () => {
  const latency = new Latency();
  const size = new BatchSize(latency);
  const grown = [];
  for (let n = 0; n < 6; n += 1) {
    const rows = size.limit(MAX, 30_000);
    grown.push(rows);
    latency.observe(rows, 1);
  }
  expect(grown).toEqual([4, 8, 16, 32, 64, 64]);
});

test("a slow model is found out before a large batch of it makes everybody late", () => {
  const latency = new Latency();
  const size = new BatchSize(latency);
  latency.observe(4, 4 * 1_000);
  // A second a row: of 30 s, 27 are 27 rows; and no more than twice what was measured.
  expect(size.limit(MAX, 30_000)).toBe(8);
  expect(size.limit(MAX, 5_000)).toBe(4);
});

test("each breach takes a tenth off, each clean window at the limit gives a row back, up to the model's own", () => {
  const size = new BatchSize(measured());
  const batch = (rows: number, tookMs: number) => size.ended(rows, 1_000, tookMs, MAX);
  batch(64, 901);
  expect(size.limit(MAX, 1_000)).toBe(57);
  batch(57, 950);
  expect(size.limit(MAX, 1_000)).toBe(51);
  for (let n = 0; n < 16; n += 1) batch(51, 100);
  expect(size.limit(MAX, 1_000)).toBe(52);
  // Small batches say nothing about larger ones.
  for (let n = 0; n < 100; n += 1) batch(3, 10);
  expect(size.limit(MAX, 1_000)).toBe(52);
  for (let n = 0; n < 16 * 40; n += 1) batch(size.limit(MAX, 1_000), 100);
  expect(size.limit(MAX, 1_000)).toBe(64);
});

test("a batch that was late from the start, or a single row, closes nothing", () => {
  const size = new BatchSize(measured());
  for (let n = 0; n < 50; n += 1) {
    size.ended(64, 5, 200, MAX);
    size.ended(1, 100, 200, MAX);
  }
  expect(size.limit(MAX, 1_000)).toBe(64);
});

test("however it goes on, there is always room for a row", () => {
  const size = new BatchSize(measured());
  for (let n = 0; n < 500; n += 1) size.ended(Math.max(2, size.limit(MAX, 1_000)), 1_000, 5_000, MAX);
  expect(size.limit(MAX, 1_000)).toBe(1);
});
