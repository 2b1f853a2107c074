import { z } from "zod";

/** Lower bound of the first bucket's neighbour, in milliseconds; bucket i ends at FIRST_MS · 2^(i / PER_DOUBLING). */
const FIRST_MS = 0.05;
/** Buckets a doubling: a quantile is off by 4.5 % at most. */
const PER_DOUBLING = 8;
/** About 25 minutes: longer than any call may take. */
export const LATENCY_BUCKETS = 201;

/**
 * How often durations fell into each bucket, by the bucket's number; empty buckets are left out. Sketches add up bucket
 * by bucket, over gateways and over time, which quantiles do not.
 */
export const latencySketchSchema = z.record(
  z.string().regex(/^([0-9]|[1-9][0-9]|1[0-9][0-9]|200)$/, "must be a bucket from 0 to 200"),
  z.number().int().nonnegative(),
);
export type LatencySketch = z.infer<typeof latencySketchSchema>;

/** The bucket of a duration. @param ms milliseconds */
export function latencyBucket(ms: number): number {
  if (!(ms > FIRST_MS)) return 0;
  return Math.min(LATENCY_BUCKETS - 1, Math.ceil(Math.log2(ms / FIRST_MS) * PER_DOUBLING));
}

/** Both together. */
export function addSketches(a: LatencySketch, b: LatencySketch): LatencySketch {
  const sum = { ...a };
  for (const [bucket, count] of Object.entries(b)) sum[bucket] = (sum[bucket] ?? 0) + count;
  return sum;
}

/** What came since `before`; both count the same, so no bucket of `before` is larger. */
export function sinceSketch(now: LatencySketch, before: LatencySketch): LatencySketch {
  const rest: LatencySketch = {};
  for (const [bucket, count] of Object.entries(now)) {
    const more = count - (before[bucket] ?? 0);
    if (more > 0) rest[bucket] = more;
  }
  return rest;
}

/**
 * The duration, in milliseconds, that the share `q` of them did not exceed: the geometric middle of its bucket.
 * Null when nothing was counted.
 */
export function sketchQuantile(sketch: LatencySketch, q: number): number | null {
  const counts = Object.entries(sketch)
    .map(([bucket, count]) => [Number(bucket), count] as const)
    .sort(([a], [b]) => a - b);
  const total = counts.reduce((sum, [, count]) => sum + count, 0);
  if (total === 0) return null;
  let left = Math.max(1, Math.ceil(q * total));
  for (const [bucket, count] of counts) {
    left -= count;
    if (left <= 0) return FIRST_MS * 2 ** (Math.max(0, bucket - 0.5) / PER_DOUBLING);
  }
  return null;
}
