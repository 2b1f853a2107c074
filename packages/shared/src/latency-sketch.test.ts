import { expect, test } from "bun:test";
import {
  addSketches,
  LATENCY_BUCKETS,
  type LatencySketch,
  latencyBucket,
  latencySketchSchema,
  sinceSketch,
  sketchQuantile,
} from "./latency-sketch.ts";

const sketchOf = (...durations: number[]) => {
  const sketch: LatencySketch = {};
  for (const ms of durations) sketch[latencyBucket(ms)] = (sketch[latencyBucket(ms)] ?? 0) + 1;
  return sketch;
};

test("quantiles are within 4.5 % of the durations, from tenths of a millisecond to minutes", () => {
  for (const ms of [0.2, 1, 7.3, 250, 9_999, 600_000]) {
    const found = sketchQuantile(sketchOf(ms), 0.99) ?? 0;
    expect(Math.abs(found / ms - 1)).toBeLessThan(0.0451);
  }
  const hundred = sketchOf(...Array.from({ length: 100 }, (_, index) => (index < 98 ? 10 : 1_000)));
  expect(sketchQuantile(hundred, 0.5)).toBeCloseTo(10, -0.5);
  expect(sketchQuantile(hundred, 0.98)).toBeLessThan(11);
  expect(sketchQuantile(hundred, 0.99)).toBeGreaterThan(900);
});

test("nothing has no quantile; what no clock should say is still counted", () => {
  expect(sketchQuantile({}, 0.5)).toBeNull();
  expect([0, -1, Number.NaN].map(latencyBucket)).toEqual([0, 0, 0]);
  expect(latencyBucket(Number.POSITIVE_INFINITY)).toBe(LATENCY_BUCKETS - 1);
  expect(latencySketchSchema.safeParse({ 200: 1, 0: 2 }).success).toBe(true);
  for (const bad of [{ 201: 1 }, { "-1": 1 }, { a: 1 }, { 3: -1 }, { "07": 1 }])
    expect(latencySketchSchema.safeParse(bad).success).toBe(false);
});

test("sketches add up, and what came since an earlier one is the difference", () => {
  const [early, late] = [sketchOf(1, 1, 50), sketchOf(1, 900)];
  expect(sinceSketch(addSketches(early, late), early)).toEqual(late);
  expect(sinceSketch(early, early)).toEqual({});
});
