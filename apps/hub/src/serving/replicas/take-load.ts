import {
  type GatewayLoad,
  type HeldProgress,
  type Id,
  REPLICA_STEPS,
  type ReplicaStep,
  type SessionState,
} from "@podium/shared";
import type { Context } from "../../platform/context.ts";
import { emit } from "../../platform/outbox.ts";
import { asleep, openReplicas, saveLoad, troubles } from "./store.ts";

/**
 * Keeps what a gateway says of its load, and answers what the callers that it holds wait for. A binding that sleeps and
 * is called is woken at once. Repeating it changes nothing.
 */
export async function takeLoad(
  ctx: Context,
  { gateway_id, version, ...load }: GatewayLoad,
): Promise<HeldProgress> {
  await saveLoad(ctx.db, { gatewayId: gateway_id, version, load, reportedAt: ctx.clock.now() });
  const held = load.bindings.filter((binding) => binding.held).map(({ binding_id }) => binding_id);
  if (held.length === 0) return { held: [] };
  const sleeping = await asleep(ctx.db, held);
  if (sleeping.length > 0) {
    await ctx.db.transaction(async (tx) => {
      for (const { id, endpointId } of sleeping)
        await emit(ctx, tx, {
          type: "binding.changed",
          endpoint_id: endpointId as Id<"endpoint">,
          binding_id: id as Id<"binding">,
        });
    });
  }
  return { held: await progressOf(ctx, held) };
}

async function progressOf(ctx: Context, ids: readonly Id<"binding">[]): Promise<HeldProgress["held"]> {
  const open = Map.groupBy(await openReplicas(ctx.db, ids), ({ replica }) => replica.bindingId);
  const why = await troubles(ctx.db, ids);
  return ids.map((id) => {
    const steps = (open.get(id) ?? []).flatMap(({ replica, session }) =>
      replica.state === "draining" ? [] : [stepOf(session.state)],
    );
    const furthest = steps.toSorted((a, b) => REPLICA_STEPS.indexOf(b) - REPLICA_STEPS.indexOf(a))[0];
    return { binding_id: id, step: furthest ?? "waking", detail: why.get(id) ?? null };
  });
}

/** What a replica that is not ready yet is doing, by its session's state. */
export function stepOf(state: SessionState): ReplicaStep {
  if (state === "placing" || state === "preparing") return state;
  if (state === "running") return "loading";
  return "queued";
}
