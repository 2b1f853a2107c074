import { expect, test } from "bun:test";
import { Latency, lineThrough, msOf } from "./latency.ts";

/** Uniform in [0, 1), the same each time (mulberry32). */
function randomOf(seed: number) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const SEEDS = Array.from({ length: 200 }, (_, seed) => seed + 1);

test("whatever is measured: the lines are finite, never negative, and larger batches never take less", () => {
  for (const seed of SEEDS) {
    const random = randomOf(seed);
    const latency = new Latency();
    for (let n = 0; n < 300; n += 1) {
      const odd = [Number.NaN, -1, Infinity, 0][Math.floor(random() * 4)] ?? 0;
      const rows = random() < 0.05 ? odd : Math.ceil(10 ** (random() * 5));
      latency.observe(rows, random() < 0.05 ? odd : 10 ** (random() * 6 - 2));
    }
    for (const line of [latency.typical, latency.p95]) {
      if (!line) throw new Error("nothing was learnt");
      expect(line.perRow).toBeGreaterThanOrEqual(0);
      expect(line.fixed).toBeGreaterThanOrEqual(0);
      expect(Number.isFinite(msOf(line, 1e6))).toBe(true);
    }
  }
});

test("a model of a fixed and a per-row cost is learnt, also with noise and a few very slow batches", () => {
  const ratios: number[] = [];
  for (const seed of SEEDS) {
    const random = randomOf(seed);
    const latency = new Latency();
    const truth = { perRow: 0.05 + random(), fixed: random() * 20 };
    for (let n = 0; n < 600; n += 1) {
      const rows = Math.floor(2 ** (random() * 7));
      const slow = n % 300 === 299 ? 50 : 1;
      latency.observe(rows, msOf(truth, rows) * (0.9 + 0.2 * random()) * slow);
    }
    for (const rows of [16, 64, 127]) {
      const ratio = msOf(latency.p95 ?? truth, rows) / msOf(truth, rows);
      ratios.push(ratio);
    }
  }
  // Two slow batches among the latest 32 of a size are its slowest twentieth: that happens, but seldom.
  const near = ratios.filter((ratio) => ratio > 0.85 && ratio < 1.25);
  expect(near.length / ratios.length).toBeGreaterThan(0.95);
  expect(Math.min(...ratios)).toBeGreaterThan(0.8);
});

test("a model that becomes ten times as slow, or as fast, is followed within a few batches of each size", () => {
  for (const factor of [10, 0.1]) {
    const latency = new Latency();
    const observe = (times: number, scale: number) => {
      for (let n = 0; n < times; n += 1)
        for (const rows of [1, 8, 32]) latency.observe(rows, (5 + rows) * scale);
    };
    observe(50, 1);
    observe(40, factor);
    expect(msOf(latency.p95 ?? { perRow: 0, fixed: 0 }, 32)).toBeCloseTo(37 * factor, 1);
  }
});

test("what a size took long ago, and that is never seen again, fades", () => {
  const latency = new Latency();
  for (let n = 0; n < 20; n += 1) latency.observe(1, 2_000);
  for (let n = 0; n < 3_000; n += 1) for (const rows of [8, 64]) latency.observe(rows, rows);
  expect(msOf(latency.p95 ?? { perRow: 0, fixed: 0 }, 64)).toBeCloseTo(64, 0);
});

test("one size alone is taken to be in proportion, so a larger batch is rather thought too slow", () => {
  const latency = new Latency();
  latency.observe(4, 20);
  expect(latency.p95).toEqual({ perRow: 5, fixed: 0 });
  expect(lineThrough([])).toEqual({ perRow: 0, fixed: 0 });
});

test("a new replica begins with what its sibling knows, until it knows better", () => {
  const [old, fresh] = [new Latency(), new Latency()];
  for (let n = 0; n < 50; n += 1) for (const rows of [1, 8, 32]) old.observe(rows, 10 + rows);
  expect(fresh.knows(64)).toBe(false);
  fresh.startFrom(old, 64);
  expect(fresh.knows(64)).toBe(true);
  expect(fresh.p95).toEqual(old.p95);
  expect(fresh.largest).toBe(32);
  for (let n = 0; n < 8; n += 1) for (const rows of [1, 8, 32]) fresh.observe(rows, 3 * (10 + rows));
  expect(msOf(fresh.p95 ?? { perRow: 0, fixed: 0 }, 32)).toBeCloseTo(126, 0);
});

test("a few batches, or many of one size, say nothing about larger ones", () => {
  const latency = new Latency();
  for (let n = 0; n < 100; n += 1) latency.observe(1, 160);
  expect([latency.knows(64), latency.knows(1)]).toEqual([false, true]);
  latency.observe(4, 161);
  expect(latency.knows(64)).toBe(true);
  const fresh = new Latency();
  for (const rows of [1, 4, 8]) fresh.observe(rows, 100);
  expect(fresh.knows(64)).toBe(false);
});
