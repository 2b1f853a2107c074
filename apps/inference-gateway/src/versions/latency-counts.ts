import { LATENCY_BUCKETS, type LatencySketch, latencyBucket } from "@podium/shared";

/** How long calls took, in the buckets that gateways and hub share. An observation allocates nothing. */
export class LatencyCounts {
  readonly #counts = new Float64Array(LATENCY_BUCKETS);

  /** @param ms milliseconds */
  observe(ms: number) {
    const bucket = latencyBucket(ms);
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
  }

  sketch(): LatencySketch {
    const sketch: LatencySketch = {};
    for (const [bucket, count] of this.#counts.entries()) if (count > 0) sketch[bucket] = count;
    return sketch;
  }
}
