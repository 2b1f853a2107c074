import { DURATION_BOUNDS_MS } from "@podium/shared";

/**
 * The duration that a share of all is not above, milliseconds; null: there is none. Inside a bucket the durations are
 * taken to be spread evenly; of what took longer than the last bound that bound is said.
 * @param counts by `DURATION_BOUNDS_MS` @param share 0…1
 */
export function percentile(counts: readonly number[], share: number): number | null {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  let left = share * total;
  for (const [bucket, count] of counts.entries()) {
    if (count > 0 && left <= count) {
      const below = DURATION_BOUNDS_MS[bucket - 1] ?? 0;
      const bound = DURATION_BOUNDS_MS[bucket] ?? below;
      return below + (bound - below) * (left / count);
    }
    left -= count;
  }
  return DURATION_BOUNDS_MS.at(-1) ?? null;
}
