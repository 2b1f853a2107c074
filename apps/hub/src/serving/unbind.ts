import { DomainError } from "@podium/shared";
import type { Context } from "../platform/context.ts";
import type { Tx } from "../platform/database.ts";
import { drainReplicas } from "./replicas/reconcile.ts";
import { lockLiveRollout } from "./rollouts/store.ts";
import { routesChanged } from "./routes-changed.ts";
import {
  type BindingRow,
  bindingsOf,
  findEndpoint,
  lockBinding,
  lockEndpoint,
  updateBinding,
} from "./store.ts";
import { recordTraffic } from "./traffic/record-traffic.ts";
import { sharesOf } from "./traffic/shares.ts";
import { stopServing } from "./traffic/stop-serving.ts";

/** Beside a call's time: until the last gateway has heard of it, where one does not say that it has. */
const HEARD_WITHIN_MS = 5_000;

/**
 * Takes a model off its endpoint; repeating it is harmless. It gets nothing new from here on, and each replica is stopped
 * when every gateway says that it has let go of it, at the latest when its calls have had their time (`endDrains`). One that
 * never answered is stopped at once.
 * @param cause `retired`: it was without traffic for as long as it was kept
 * @throws DomainError `not_found`; `conflict` while a canary is about it
 */
export async function unbindModel(
  ctx: Context,
  tx: Tx,
  endpointId: string,
  bindingId: string,
  cause: "unbound" | "retired" = "unbound",
): Promise<void> {
  await lockEndpoint(tx, endpointId);
  const rollout = await lockLiveRollout(tx, endpointId);
  const binding = await lockBinding(tx, bindingId);
  if (!binding || binding.endpointId !== endpointId)
    throw new DomainError("not_found", "This endpoint has no such binding.");
  if (binding.state === "stopped" || binding.state === "draining") return;
  if (rollout) refuseIn(rollout, binding);
  const found = await findEndpoint(tx, { id: endpointId });
  const before = sharesOf(await bindingsOf(tx, endpointId));
  const drainMs = (found?.endpoint.timeoutMs ?? 0) + HEARD_WITHIN_MS;
  const drainedAt = new Date(ctx.clock.now().getTime() + drainMs);
  const drains = binding.state === "ready";
  await updateBinding(tx, binding.id, {
    weight: 0,
    shadowPercent: 0,
    ...(drains ? { state: "draining", drainedAt } : { state: "stopped" }),
  });
  const note = `version ${binding.version}: ${binding.model}`;
  const after = sharesOf(await bindingsOf(tx, endpointId));
  await recordTraffic(ctx, tx, { endpointId, cause, before, after, note });
  if (drains) await drainReplicas(ctx, tx, binding.id);
  else await stopServing(ctx, tx, binding);
  await routesChanged(ctx, tx, endpointId);
}

function refuseIn(
  { bindingId, before }: { bindingId: string; before: readonly { version: number }[] },
  { id, version }: BindingRow,
): void {
  if (id !== bindingId && !before.some((share) => share.version === version)) return;
  throw new DomainError(
    "conflict",
    `Version ${version} is part of a canary that is under way. End that first: podium endpoint canary … --abort`,
  );
}
