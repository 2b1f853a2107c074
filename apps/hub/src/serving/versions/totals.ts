import { addSketches, type LatencySketch, type ShadowFigures, sinceSketch } from "@podium/shared";

/** What was counted of a version, over all gateways since it was bound. */
export interface Totals {
  calls: number;
  errors: number;
  latency: LatencySketch;
  shadow: ShadowFigures | null;
}

export const NOTHING: Totals = { calls: 0, errors: 0, latency: {}, shadow: null };
const WORST_KEPT = 5;

/** Both together: of two gateways, or of two versions. */
export function addTotals(a: Totals, b: Totals): Totals {
  return {
    calls: a.calls + b.calls,
    errors: a.errors + b.errors,
    latency: addSketches(a.latency, b.latency),
    shadow: a.shadow && b.shadow ? addShadows(a.shadow, b.shadow) : (a.shadow ?? b.shadow),
  };
}

/** What came since `before`. Of the shadow only the counts: its largest differences are of all time. */
export function sinceTotals(now: Totals, before: Totals): Totals {
  return {
    calls: now.calls - before.calls,
    errors: now.errors - before.errors,
    latency: sinceSketch(now.latency, before.latency),
    shadow: now.shadow && {
      ...now.shadow,
      compared: now.shadow.compared - (before.shadow?.compared ?? 0),
      agreed: now.shadow.agreed - (before.shadow?.agreed ?? 0),
      failed: now.shadow.failed - (before.shadow?.failed ?? 0),
      dropped: now.shadow.dropped - (before.shadow?.dropped ?? 0),
    },
  };
}

function addShadows(a: ShadowFigures, b: ShadowFigures): ShadowFigures {
  return {
    compared: a.compared + b.compared,
    agreed: a.agreed + b.agreed,
    failed: a.failed + b.failed,
    dropped: a.dropped + b.dropped,
    numeric: a.numeric + b.numeric,
    max_difference: Math.max(a.max_difference, b.max_difference),
    sum_of_mean_differences: a.sum_of_mean_differences + b.sum_of_mean_differences,
    worst: [...a.worst, ...b.worst]
      .sort((one, other) => (other.difference ?? Infinity) - (one.difference ?? Infinity))
      .slice(0, WORST_KEPT),
    latency: addSketches(a.latency, b.latency),
    primary_latency: addSketches(a.primary_latency, b.primary_latency),
  };
}
