import type { Pace } from "../replicas/pace.ts";
import type { Call } from "./call.ts";
import { msOf } from "./latency.ts";

type Replicas = ReadonlySet<{ readonly pace: Pace }>;

/** How fast all replicas together are, and how long the soonest of them takes for a row, milliseconds. */
export interface Glance {
  readonly perRow: number;
  readonly own: number;
}

/** Nobody is refused on a guess. */
export const NOTHING_KNOWN: Glance = { perRow: 0, own: 0 };

/** @param now monotonic milliseconds */
export function glance(replicas: Replicas, now: number, rows = 1): Glance {
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
  // A replica that has measured nothing yet is taken to be like the others.
  return known === 0 ? NOTHING_KNOWN : { perRow: known / (rowsPerMs * replicas.size), own };
}

/** Whether a call has at least twice the time that it needs, behind so many rows and by a glance of a moment ago. */
export function isFarFromLate({ perRow, own }: Glance, before: number, call: Call): boolean {
  return perRow > 0 && 2 * ((before + call.work.rows) * perRow + own) < call.deadline - call.arrivedAt;
}

interface Line {
  readonly waiting: { readonly rows: number };
  readonly replicas: Replicas;
}

/**
 * Milliseconds until a request of `rows` rows would be answered that joins the end of the line now: what waits, at the
 * pace of all replicas together, then its own batch. 0 where nothing is known.
 * @param now monotonic milliseconds
 */
export function expectWait({ waiting, replicas }: Line, rows: number, now: number): number {
  const { perRow, own } = glance(replicas, now, rows);
  return waiting.rows * perRow + own;
}
