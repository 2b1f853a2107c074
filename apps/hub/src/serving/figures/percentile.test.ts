import { expect, test } from "bun:test";
import { DURATION_BUCKETS, durationBucket } from "@podium/shared";
import { percentile } from "./percentile.ts";

function counted(durations: readonly number[]): number[] {
  const counts = new Array<number>(DURATION_BUCKETS).fill(0);
  for (const ms of durations) counts[durationBucket(ms)] = (counts[durationBucket(ms)] ?? 0) + 1;
  return counts;
}

test("percentiles of ten thousand durations are within a tenth of the true ones", () => {
  // Spread over four powers of ten, as those of a model that is sometimes slow.
  const durations = Array.from({ length: 10_000 }, (_, index) => 10 ** (index / 2_500)).sort((a, b) => a - b);
  for (const share of [0.01, 0.5, 0.95, 0.99]) {
    const exact = durations[Math.ceil(share * 10_000) - 1] ?? 0;
    const found = percentile(counted(durations), share) ?? 0;
    expect(Math.abs(found / exact - 1)).toBeLessThan(0.1);
  }
});

test("nothing has no percentile; what is beyond all bounds has the last one", () => {
  expect(percentile(counted([]), 0.5)).toBeNull();
  expect(percentile(counted([1e9]), 0.99)).toBeCloseTo(104_857.6, 0);
});
