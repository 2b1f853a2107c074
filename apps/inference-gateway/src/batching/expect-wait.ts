import type { Pace } from "../replicas/pace.ts";
import { msOf } from "./latency.ts";

interface Line {
  readonly waiting: { readonly rows: number };
  readonly replicas: ReadonlySet<{ readonly pace: Pace }>;
}

/**
 * Milliseconds until a request of `rows` rows would be answered that joins the end of the line now: what waits, at the
 * pace of all replicas together, then its own batch. 0 where nothing is known: nobody is refused on a guess.
 * @param now monotonic milliseconds
 */
export function expectWait({ waiting, replicas }: Line, rows: number, now: number): number {
  let rowsPerMs = 0;
  let known = 0;
  let own = Infinity;
  for (const { pace } of replicas) {
    const { rowsPerMs: rate, latency } = pace;
    if (rate === 0 || !latency.p95) continue;
    known += 1;
    rowsPerMs += rate;
    own = Math.min(own, pace.backlogMs(now) + msOf(latency.p95, rows));
  }
  if (known === 0) return 0;
  // A replica that has measured nothing yet is taken to be like the others.
  return waiting.rows / ((rowsPerMs / known) * replicas.size) + own;
}
