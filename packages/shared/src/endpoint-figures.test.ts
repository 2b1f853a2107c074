import { expect, test } from "bun:test";
import { DURATION_BOUNDS_MS, DURATION_BUCKETS, durationBucket, errorClassOf } from "./endpoint-figures.ts";

test("a duration is counted in the first bucket that is not below it", () => {
  for (const ms of [0.05, 0.1, 0.1001, 0.3, 1, 7.7, 999.9, 60_000, 104_857.6]) {
    const bucket = durationBucket(ms);
    expect(ms).toBeLessThanOrEqual((DURATION_BOUNDS_MS[bucket] ?? 0) * 1.000001);
    if (bucket > 0) expect(ms).toBeGreaterThan((DURATION_BOUNDS_MS[bucket - 1] ?? 0) * 0.999999);
  }
});

test("what is too long, or no number, is counted all the same", () => {
  expect(durationBucket(1e9)).toBe(DURATION_BUCKETS - 1);
  expect(durationBucket(Number.NaN)).toBe(0);
  expect(durationBucket(-1)).toBe(0);
});

test("every status that is no success has a class", () => {
  expect([400, 401, 404, 413, 422, 429, 499, 500, 503, 504].map(errorClassOf)).toEqual([
    "invalid",
    "denied",
    "invalid",
    "invalid",
    "model",
    "rejected",
    "canceled",
    "internal",
    "unavailable",
    "timeout",
  ]);
});
