import type { Context } from "../../platform/context.ts";
import { liveGateways } from "../store.ts";
import type { Load } from "./desired-replicas.ts";
import { loadsSince, type ReplicaRow } from "./store.ts";

/** What a gateway said longer ago counts no more: it is gone, or cut off. */
const STALE_MS = 15_000;
/** A gateway that has not been heard of for so long serves nobody that could be waited for. */
const GONE_MS = 30_000;

/** What all gateways have said lately. */
export interface ClusterLoad {
  /** null: none has said anything */
  loadOf(bindingId: string): Load | null;
  /** calls that gateways wait for from this attempt's replica; null: it is connected nowhere */
  inFlightAt(attemptId: string): number | null;
  /** every gateway knows that the replica takes no more, and none waits for it */
  hasDrained(replica: ReplicaRow, attemptId: string | null): boolean;
}

/** Reads what gateways reported in the last 15 s. */
export async function readClusterLoad(ctx: Context): Promise<ClusterLoad> {
  const now = ctx.clock.now().getTime();
  const reports = await loadsSince(ctx.db, new Date(now - STALE_MS));
  const up = await liveGateways(ctx.db, new Date(now - GONE_MS));
  const loads = new Map<string, Load>();
  const inFlight = new Map<string, number>();
  for (const { load } of reports) {
    for (const { binding_id, queued, in_flight } of load.bindings) {
      const sum = loads.get(binding_id) ?? { queued: 0, inFlight: 0 };
      loads.set(binding_id, { queued: sum.queued + queued, inFlight: sum.inFlight + in_flight });
    }
    for (const { attempt_id, in_flight } of load.replicas)
      inFlight.set(attempt_id, (inFlight.get(attempt_id) ?? 0) + in_flight);
  }
  const versions = new Map(reports.map(({ gatewayId, version }) => [gatewayId, version]));
  return {
    loadOf: (bindingId) =>
      reports.length === 0 ? null : (loads.get(bindingId) ?? { queued: 0, inFlight: 0 }),
    inFlightAt: (attemptId) => inFlight.get(attemptId) ?? null,
    hasDrained: ({ drainVersion }, attemptId) =>
      up.every(({ id }) => (versions.get(id) ?? -1) >= (drainVersion ?? 0)) &&
      (attemptId === null || !inFlight.has(attemptId)),
  };
}
