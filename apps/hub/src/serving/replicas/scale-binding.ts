import { type changeScalingSchema, DomainError, type Id } from "@podium/shared";
import type { z } from "zod";
import type { Context } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { emit } from "../../platform/outbox.ts";
import { routesChanged } from "../routes-changed.ts";
import { lockBinding } from "../store.ts";
import { findScaling, updateScaling } from "./store.ts";

/**
 * Changes how many replicas a binding may have; the autoscaler acts on it at once. Replicas that were lost before are
 * forgiven: one that was given up is tried again. @throws DomainError `not_found`, `conflict`, `invalid_request`
 */
export async function scaleBinding(
  ctx: Context,
  tx: Tx,
  endpointId: string,
  bindingId: string,
  change: z.infer<typeof changeScalingSchema>,
): Promise<void> {
  const binding = await lockBinding(tx, bindingId);
  if (!binding || binding.endpointId !== endpointId)
    throw new DomainError("not_found", "This endpoint has no such binding.");
  if (binding.state === "stopped")
    throw new DomainError("conflict", "This model was taken off its endpoint: bind it again.");
  const before = await findScaling(tx, bindingId);
  const after = {
    minReplicas: change.min_replicas ?? before.minReplicas,
    maxReplicas: change.max_replicas ?? before.maxReplicas,
    targetLoad: change.target_load ?? before.targetLoad,
    scaleDownMs:
      change.scale_down_seconds === undefined ? before.scaleDownMs : change.scale_down_seconds * 1000,
    idleMs: change.idle_seconds === undefined ? before.idleMs : change.idle_seconds * 1000,
  };
  if (after.minReplicas > after.maxReplicas)
    throw new DomainError(
      "invalid_request",
      `max_replicas (${after.maxReplicas}) must be at least min_replicas (${after.minReplicas}).`,
    );
  const now = ctx.clock.now();
  await updateScaling(tx, bindingId, {
    ...after,
    wanted: Math.min(after.maxReplicas, Math.max(after.minReplicas, before.wanted)),
    // A new idle time counts from now; a binding that sleeps goes on sleeping until it is called.
    busyAt: now,
    forgivenAt: now,
  });
  if (before.minReplicas !== after.minReplicas) await routesChanged(ctx, tx, endpointId);
  await emit(ctx, tx, {
    type: "binding.changed",
    endpoint_id: endpointId as Id<"endpoint">,
    binding_id: bindingId as Id<"binding">,
  });
}
