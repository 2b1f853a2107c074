import { LATENCY_BUCKETS, type LatencySketch, latencyBucket } from "@podium/shared";
import type { ShadowFigures } from "../shadow/shadow-figures.ts";

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

/** What this process has counted of one model version; only grows. A canary is judged by it. */
export class VersionFigures {
  calls = 0;
  errors = 0;
  readonly latency = new LatencyCounts();
  /** null: it never was a shadow */
  shadow: ShadowFigures | null = null;

  /** grows with everything that is counted */
  get activity(): number {
    return this.calls + (this.shadow ? this.shadow.compared + this.shadow.dropped : 0);
  }
}
