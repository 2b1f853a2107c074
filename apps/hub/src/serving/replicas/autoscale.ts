import type { Context } from "../../platform/context.ts";
import { findSession, whyWaiting } from "../../sessions/index.ts";
import { type ClusterLoad, readClusterLoad } from "./cluster-load.ts";
import { planReplicas } from "./plan-replicas.ts";
import { asOpen, isAlive, nextMemory, reconcileBinding } from "./reconcile.ts";
import {
  type OpenReplicaRow,
  openReplicas,
  type ScalingRow,
  scaledBindings,
  updateScaling,
} from "./store.ts";

/** A replica that has been in the queue for less is only on its way. */
const WAITS_MS = 5_000;
/** Finding out why one waits takes a snapshot of the whole cluster. */
const EXPLAINED_A_TURN = 5;
/** The memory of when a binding was last called may be so old without being written again. */
const BUSY_WRITTEN_MS = 5_000;

/**
 * A turn of the autoscaler over all bindings. What needs no change is seen without a lock; a binding that can't be
 * changed keeps none of the others from it.
 */
export async function scaleBindings(ctx: Context): Promise<void> {
  const rows = await scaledBindings(ctx.db);
  if (rows.length === 0) return;
  const cluster = await readClusterLoad(ctx);
  const ids = rows.map(({ bindingId }) => bindingId);
  const byBinding = Map.groupBy(await openReplicas(ctx.db, ids), ({ replica }) => replica.bindingId);
  let toExplain = EXPLAINED_A_TURN;
  for (const row of rows) {
    const open = byBinding.get(row.bindingId) ?? [];
    try {
      if (hasWork(ctx, row, open, cluster))
        await ctx.db.transaction((tx) => reconcileBinding(ctx, tx, row.bindingId, cluster));
      if (toExplain > 0 && (await explain(ctx, row, open))) toExplain -= 1;
    } catch (error) {
      ctx.log.error({ err: error, binding: row.bindingId }, "a binding was not scaled; it is tried again");
    }
  }
}

function hasWork(
  ctx: Context,
  row: ScalingRow,
  open: readonly OpenReplicaRow[],
  cluster: ClusterLoad,
): boolean {
  if (open.some(({ replica }) => replica.state === "draining")) return true;
  const next = nextMemory(ctx, row, cluster);
  const plan = planReplicas(next.wanted, open.filter(isAlive).map(asOpen));
  if (plan.start > 0 || plan.drain.length > 0 || plan.stop.length > 0) return true;
  return (
    next.wanted !== row.wanted ||
    next.dipSince !== (row.dipSince?.getTime() ?? null) ||
    next.dipPeak !== row.dipPeak ||
    (next.busyAt ?? 0) - (row.busyAt?.getTime() ?? 0) > BUSY_WRITTEN_MS
  );
}

/** Keeps with the binding why one of its replicas waits in the queue. @returns whether that had to be found out */
async function explain(ctx: Context, row: ScalingRow, open: readonly OpenReplicaRow[]): Promise<boolean> {
  const now = ctx.clock.now().getTime();
  const waiting = open.filter(
    ({ replica, session }) =>
      replica.state === "starting" &&
      session.state === "queued" &&
      now - replica.createdAt.getTime() > WAITS_MS,
  );
  const [first] = waiting;
  const isShort = open.filter(({ replica }) => replica.state !== "draining").length < row.wanted;
  if (!first && (isShort || row.trouble === null)) return false;
  const trouble = first ? await whyShort(ctx, first.replica.sessionId, waiting.length) : null;
  if (trouble !== row.trouble)
    await ctx.db.transaction((tx) => updateScaling(tx, row.bindingId, { trouble }));
  return first !== undefined;
}

const RULES = {
  room: "no node has room",
  reservation: "room is kept for a session that has waited longer",
  turn: "other teams' turn comes first",
  gang: "no node has room",
};

async function whyShort(ctx: Context, sessionId: string, waiting: number): Promise<string | null> {
  const session = await findSession(ctx.db, { id: sessionId });
  if (session?.state !== "queued") return null;
  const { rule, nodes } = await whyWaiting(ctx, session);
  const where = nodes.slice(0, 3).map(({ node, reason }) => `${node}: ${reason}`);
  const why = rule === null ? "its turn comes next" : RULES[rule];
  const count = waiting === 1 ? "1 replica waits" : `${waiting} replicas wait`;
  return `${count} in the queue: ${why}${where.length > 0 ? ` (${where.join("; ")})` : ""}.`;
}
