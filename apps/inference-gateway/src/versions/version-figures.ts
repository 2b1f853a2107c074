import type { ShadowFigures } from "../shadow/shadow-figures.ts";
import { LatencyCounts } from "./latency-counts.ts";

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
