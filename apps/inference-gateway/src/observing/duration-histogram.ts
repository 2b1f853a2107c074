import { DURATION_BOUNDS_MS, DURATION_BUCKETS, durationBucket } from "@podium/shared";

/** Prometheus gets every fourth bound: those that double. */
const COARSE = 4;

/** Durations, in buckets fine enough to tell percentiles from; adds up over gateways and minutes. */
export class DurationHistogram {
  readonly counts = new Float64Array(DURATION_BUCKETS);
  sumMs = 0;

  observe(ms: number) {
    const bucket = durationBucket(ms);
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1;
    this.sumMs += ms;
  }

  /** The same in seconds and in buckets that double, as `metrics.ts` hands it to Prometheus. */
  inSeconds(): { buckets: number[]; counts: number[]; sum: number } {
    const buckets: number[] = [];
    const counts: number[] = [];
    let count = 0;
    for (let index = 0; index < DURATION_BUCKETS; index++) {
      count += this.counts[index] ?? 0;
      const bound = DURATION_BOUNDS_MS[index];
      if (bound !== undefined && index % COARSE !== 0) continue;
      if (bound !== undefined) buckets.push(Number((bound / 1000).toPrecision(6)));
      counts.push(count);
      count = 0;
    }
    return { buckets, counts, sum: this.sumMs / 1000 };
  }
}
