/**
 * A Prometheus histogram reduced to what the hot path can afford: one comparison loop and two additions
 * an observation, no labels to hash. `metrics.ts` hands it to the registry when it is scraped.
 */
export class Histogram {
  /** observations at most as large as the bucket of the same index and larger than the one before; last: +Inf */
  readonly counts: Float64Array;
  sum = 0;

  /** @param buckets upper bounds, ascending */
  constructor(readonly buckets: readonly number[]) {
    this.counts = new Float64Array(buckets.length + 1);
  }

  observe(value: number) {
    const { buckets, counts } = this;
    let index = 0;
    while (index < buckets.length && value > (buckets[index] ?? 0)) index += 1;
    counts[index] = (counts[index] ?? 0) + 1;
    this.sum += value;
  }
}
