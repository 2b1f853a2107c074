import type { Id } from "@podium/shared";
import type { Context } from "../../platform/context.ts";
import { placements } from "../../sessions/index.ts";
import type { ClusterLoad } from "./cluster-load.ts";
import { findScaling, openReplicas } from "./store.ts";
import { stepOf } from "./take-load.ts";

/** A binding's scaling and its replicas, as the API shows them. */
export async function showReplicas(ctx: Context, bindingId: string, cluster: ClusterLoad) {
  const scaling = await findScaling(ctx.db, bindingId);
  const open = await openReplicas(ctx.db, [bindingId]);
  return {
    scaling: {
      min_replicas: scaling.minReplicas,
      max_replicas: scaling.maxReplicas,
      target_load: scaling.targetLoad,
      scale_down_seconds: scaling.scaleDownMs / 1000,
      idle_seconds: scaling.idleMs / 1000,
      wanted: scaling.wanted,
      trouble: scaling.trouble,
    },
    replicas: open.map(({ replica, session, node }) => ({
      session_id: replica.sessionId as Id<"session">,
      state:
        replica.state === "ready" || replica.state === "draining" ? replica.state : seenStep(session.state),
      node,
      since: (replica.readyAt ?? replica.createdAt).toISOString(),
      in_flight: session.attemptId ? (cluster.inFlightAt(session.attemptId) ?? 0) : 0,
      restarts: Math.max(0, placements(session) - 1),
    })),
  };
}

function seenStep(state: Parameters<typeof stepOf>[0]) {
  const step = stepOf(state);
  return step === "waking" ? "queued" : step;
}
