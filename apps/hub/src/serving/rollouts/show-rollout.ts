import type { Id, Rollout } from "@podium/shared";
import type { RolloutRow } from "./store.ts";

/** A canary as people see it. */
export function showRollout(row: RolloutRow, version: number): Rollout {
  return {
    id: row.id as Id<"rollout">,
    version,
    state: row.state,
    steps: row.steps,
    step: row.step,
    step_since: row.stepSince.toISOString(),
    every_ms: row.everyMs,
    max_error_rate: row.maxErrorRate,
    max_p99_ratio: row.maxP99Ratio,
    min_calls: row.minCalls,
    shadow_calls: row.shadowCalls,
    min_agreement: row.minAgreement,
    before: row.before,
    waits_for: row.waitsFor,
    log: row.log,
    created_at: row.createdAt.toISOString(),
    ended_at: row.endedAt?.toISOString() ?? null,
  };
}
