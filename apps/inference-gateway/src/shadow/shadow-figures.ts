import type { ShadowFigures as Reported } from "@podium/shared";
import { LatencyCounts } from "../versions/latency-counts.ts";
import type { Comparison } from "./tally.ts";

const WORST_KEPT = 5;

/** What became of the copies that one shadow got; only grows. */
export class ShadowFigures {
  compared = 0;
  agreed = 0;
  failed = 0;
  dropped = 0;
  #numeric = 0;
  #maxDifference = 0;
  #sumOfMeans = 0;
  #worst: Reported["worst"] = [];
  readonly #latency = new LatencyCounts();
  readonly #primaryLatency = new LatencyCounts();

  /** The shadow gave no answer where the caller got one. */
  noAnswer() {
    this.compared += 1;
    this.failed += 1;
  }

  /** @param ms how long the shadow took, and the caller's own call */
  answered(comparison: Comparison, ms: number, primaryMs: number, at: Date) {
    this.compared += 1;
    this.#latency.observe(ms);
    this.#primaryLatency.observe(primaryMs);
    if (comparison.agrees) this.agreed += 1;
    if (comparison.mean !== null && comparison.max !== null) {
      this.#numeric += 1;
      this.#maxDifference = Math.max(this.#maxDifference, comparison.max);
      this.#sumOfMeans += comparison.mean;
    }
    if (!comparison.agrees) this.#keepWorst(comparison, at);
  }

  report(): Reported {
    return {
      compared: this.compared,
      agreed: this.agreed,
      failed: this.failed,
      dropped: this.dropped,
      numeric: this.#numeric,
      max_difference: this.#maxDifference,
      sum_of_mean_differences: this.#sumOfMeans,
      worst: this.#worst,
      latency: this.#latency.sketch(),
      primary_latency: this.#primaryLatency.sketch(),
    };
  }

  /** The largest; one that is not of numbers is larger than any. */
  #keepWorst({ where, differs, max }: Comparison, at: Date) {
    const difference = differs ? null : max;
    this.#worst.push({ at: at.toISOString(), where, difference });
    this.#worst.sort((a, b) => (b.difference ?? Infinity) - (a.difference ?? Infinity));
    this.#worst = this.#worst.slice(0, WORST_KEPT);
  }
}
