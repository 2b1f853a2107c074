import { DomainError } from "@podium/shared";
import type { Context } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { isEnded, stopSession } from "../../sessions/index.ts";
import { routesChanged } from "../routes-changed.ts";
import { type BindingRow, currentVersion, lockBinding } from "../store.ts";
import type { ClusterLoad } from "./cluster-load.ts";
import { desiredReplicas, type ScalingMemory } from "./desired-replicas.ts";
import { type OpenReplica, planReplicas } from "./plan-replicas.ts";
import { replacementFor, settleBinding } from "./settle-binding.ts";
import { startReplica } from "./start-replica.ts";
import {
  findScaling,
  type OpenReplicaRow,
  openReplicas,
  ownerOf,
  type ScalingRow,
  updateReplica,
  updateScaling,
} from "./store.ts";

/** A replica that gateways still wait for is stopped this long after the last of its calls had to be answered. */
const DRAIN_MORE_MS = 30_000;

/**
 * One turn of a binding's scaling: how many replicas it shall have, and those started, told to drain or stopped that
 * make the difference. Under the binding's lock and from rows alone, so that it may be repeated, by whichever hub leads,
 * after a crash anywhere: a session that was queued has its row, one that drains stays marked until it has ended.
 */
export async function reconcileBinding(
  ctx: Context,
  tx: Tx,
  bindingId: string,
  cluster: ClusterLoad,
): Promise<void> {
  const binding = await lockBinding(tx, bindingId);
  if (!binding) return;
  const { endpoint, team } = await ownerOf(tx, binding.endpointId);
  const scaling = await findScaling(tx, bindingId);
  const open = await openReplicas(tx, [bindingId]);
  await stopDrained(ctx, tx, open, cluster, endpoint.timeoutMs);
  if (binding.state === "stopped" || binding.state === "draining") return;

  const memory = nextMemory(ctx, scaling, cluster);
  const plan = planReplicas(memory.wanted, open.filter(isAlive).map(asOpen));
  await takeAway(ctx, tx, plan);
  const replacement = await replacementFor(ctx, tx, binding, scaling, team.id);
  const trouble =
    plan.start > 0 && replacement.allowed ? await startAll(ctx, tx, binding, team, plan.start) : null;
  await remember(tx, scaling, memory, trouble);
  const moved = await settleBinding(tx, binding, memory.wanted, replacement);
  if (moved || plan.drain.length > 0 || plan.stop.length > 0) await routesChanged(ctx, tx, endpoint.id);
}

/** What a turn decides now. */
export function nextMemory(ctx: Context, row: ScalingRow, cluster: ClusterLoad): ScalingMemory {
  const memory = {
    wanted: row.wanted,
    dipSince: row.dipSince?.getTime() ?? null,
    dipPeak: row.dipPeak,
    busyAt: row.busyAt?.getTime() ?? null,
  };
  return desiredReplicas(cluster.loadOf(row.bindingId), row, memory, ctx.clock.now().getTime());
}

export const asOpen = ({ replica, session }: OpenReplicaRow): OpenReplica => ({
  sessionId: replica.sessionId,
  state: replica.state === "ended" ? "draining" : replica.state,
  isPlaced: session.state !== "queued" && session.state !== "retrying",
  createdAt: replica.createdAt,
});

/** False when its session has ended and the news of it are on their way. */
export const isAlive = ({ session }: OpenReplicaRow) => !isEnded(session.state);

/** All replicas of a model that is taken off: gateways let go of them, and each is stopped when its last call has ended. */
export async function drainReplicas(ctx: Context, tx: Tx, bindingId: string): Promise<void> {
  const plan: { drain: string[]; stop: string[] } = { drain: [], stop: [] };
  for (const { replica } of await openReplicas(tx, [bindingId])) {
    if (replica.state === "ready") plan.drain.push(replica.sessionId);
    if (replica.state === "starting") plan.stop.push(replica.sessionId);
  }
  await takeAway(ctx, tx, plan);
}

/** Ready ones drain first, the others have nothing to finish. Either gets no more calls with the next route table. */
async function takeAway(ctx: Context, tx: Tx, { drain, stop }: { drain: string[]; stop: string[] }) {
  if (drain.length + stop.length === 0) return;
  const drainVersion = (await currentVersion(tx)) + 1;
  for (const id of [...drain, ...stop])
    await updateReplica(tx, id, { state: "draining", drainingAt: ctx.clock.now(), drainVersion });
  for (const id of stop) await stopQuietly(ctx, tx, id);
}

async function stopDrained(
  ctx: Context,
  tx: Tx,
  open: readonly OpenReplicaRow[],
  cluster: ClusterLoad,
  timeoutMs: number,
): Promise<void> {
  for (const { replica, session } of open) {
    if (replica.state !== "draining" || session.state === "stopping" || isEnded(session.state)) continue;
    const drainedForMs = ctx.clock.now().getTime() - (replica.drainingAt?.getTime() ?? 0);
    const isDue = drainedForMs > timeoutMs + DRAIN_MORE_MS;
    if (isDue || cluster.hasDrained(replica, session.attemptId))
      await stopQuietly(ctx, tx, replica.sessionId);
  }
}

async function stopQuietly(ctx: Context, tx: Tx, sessionId: string): Promise<void> {
  await stopSession(ctx, tx, sessionId, "fewer replicas are needed").catch((error: unknown) => {
    if (!(error instanceof DomainError)) throw error; // it has ended or is stopping already
  });
}

/** @returns why no more could be started */
async function startAll(
  ctx: Context,
  tx: Tx,
  binding: BindingRow,
  team: { id: string; slug: string },
  count: number,
): Promise<string | null> {
  try {
    for (let started = 0; started < count; started += 1) await startReplica(ctx, tx, binding, team);
    return null;
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return error.message;
  }
}

async function remember(tx: Tx, before: ScalingRow, memory: ScalingMemory, trouble: string | null) {
  const dateOf = (ms: number | null) => (ms === null ? null : new Date(ms));
  await updateScaling(tx, before.bindingId, {
    wanted: memory.wanted,
    dipSince: dateOf(memory.dipSince),
    dipPeak: memory.dipPeak,
    busyAt: dateOf(memory.busyAt),
    // What stands in the way of those that wait is found out by the turn that sees them wait.
    ...(trouble === null ? {} : { trouble }),
  });
}
