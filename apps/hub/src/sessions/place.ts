import { DomainError, type Id } from "@podium/shared";
import { reserveSlice } from "../credits/index.ts";
import { readSupply } from "../nodes/index.ts";
import type { Context } from "../platform/context.ts";
import type { Tx } from "../platform/database.ts";
import { isLeader, type Leadership } from "../platform/leader.ts";
import { oneByOne } from "../platform/one-by-one.ts";
import { emit } from "../platform/outbox.ts";
import { decide, type Placement, type Snapshot, weightOf } from "../scheduling/index.ts";
import { runsImages } from "./capable-nodes.ts";
import { CREDITS_EXHAUSTED } from "./meter.ts";
import { meteredOf } from "./metered.ts";
import { putBack } from "./requeue.ts";
import {
  allocate,
  heldDevices,
  insertAttempt,
  listLive,
  listQueued,
  lockSession,
  nodesTried,
  releaseDevices,
  type SessionRow,
  updateAttempt,
  updateSession,
} from "./store.ts";

/** Until it has been measured: what a node fetches a second, bytes. */
const ASSUMED_BANDWIDTH = 50 * 1024 ** 2;
const MAX_CONSIDERED = 2_000;
/** A turn must end well before the leader's lease does; what is left is placed in the next. */
const MAX_A_TURN = 200;

/** What the scheduler decides from, read from the database: one query when nothing waits, a handful when something does. */
export async function readSnapshot(ctx: Context): Promise<Snapshot> {
  const queued = await listQueued(ctx.db, MAX_CONSIDERED);
  if (queued.length === 0) return { pending: [], nodes: [], usage: new Map() };
  const again = queued.filter((session) => session.epoch > 0).map((session) => session.id);
  const tried = await nodesTried(ctx.db, again);
  const supply = await readSupply(ctx.db, {
    trees: queued.flatMap(({ datasets }) => datasets.map((mount) => mount.tree_id)),
    environments: queued.flatMap(({ environment }) => environment ?? []),
    images: queued.flatMap(({ image }) => image ?? []),
  });
  const pending = queued.map(({ id, datasets, environment: key, epoch: _, ...session }) => ({
    ...session,
    sessionId: id,
    trees: datasets.map((mount) => ({ id: mount.tree_id, size: mount.size_bytes })),
    imageBytes: supply.imageBytes.get(session.image ?? "") ?? null,
    environment: key === null ? null : { key, buildSeconds: supply.buildSeconds.get(key) ?? null },
    tried: countOf(tried.get(id) ?? []),
  }));
  const held = await heldDevices(ctx.db);
  const live = await listLive(ctx.db);
  const byNode = Map.groupBy(live, (session) => session.nodeId);

  const usage = new Map<string, number>();
  for (const { teamId, resources } of live) usage.set(teamId, (usage.get(teamId) ?? 0) + weightOf(resources));
  const nodes = supply.nodes.map(({ node, devices, ...caches }) => {
    const here = byNode.get(node.id) ?? [];
    const used = (of: "cpu_milli" | "memory_bytes") =>
      here.reduce((sum, { resources }) => sum + resources[of], 0);
    return {
      id: node.id,
      name: node.name,
      freeCpuMilli: (node.capacity?.cpu_milli ?? 0) - used("cpu_milli"),
      freeMemoryBytes: (node.capacity?.memory_bytes ?? 0) - used("memory_bytes"),
      freeDevices: devices.filter((device) => !held.has(device.id)),
      runsImages: runsImages(node.capacity),
      ...caches,
      bandwidth: node.usage?.fetch_bytes_per_second ?? ASSUMED_BANDWIDTH,
    };
  });
  return { pending, nodes, usage };
}

function countOf(items: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1);
  return counts;
}

/** One turn of the scheduler: decide over a snapshot, then apply each placement in a transaction of its own. */
export async function placeSessions(ctx: Context, leadership: Leadership): Promise<void> {
  const { placements } = decide(await readSnapshot(ctx));
  await oneByOne(ctx, placements.slice(0, MAX_A_TURN), "placing", async (placement) => {
    try {
      await ctx.db.transaction((tx) => applyPlacement(ctx, tx, leadership, placement));
    } catch (error) {
      if (!(error instanceof PlacementVoid)) throw error;
      ctx.log.info(
        { session: placement.sessionId, reason: error.message },
        "a placement was void; the next turn decides anew",
      );
    }
  });
}

class PlacementVoid extends Error {}

async function applyPlacement(
  ctx: Context,
  tx: Tx,
  leadership: Leadership,
  placement: Placement,
): Promise<void> {
  if (!(await isLeader(tx, leadership))) throw new PlacementVoid("this hub leads no more");
  const session = await lockSession(tx, placement.sessionId);
  if (session?.state !== "queued") return;
  const now = ctx.clock.now();
  const epoch = session.epoch + 1;
  const attemptId = ctx.ids.next("attempt");
  const { nodeId } = placement;

  const leaseUntil = new Date(now.getTime() + ctx.settings.leaseMs);
  await insertAttempt(tx, {
    id: attemptId,
    sessionId: session.id,
    nodeId,
    epoch,
    state: "placing",
    leaseUntil,
    createdAt: now,
  });
  const rows = placement.deviceIds.map((deviceId) => ({
    id: ctx.ids.next("allocation"),
    attemptId,
    deviceId,
    createdAt: now,
  }));
  if (!(await allocate(tx, rows))) throw new PlacementVoid("a device is held by another attempt");
  if (!(await payFirstSlice(ctx, tx, session, attemptId, now))) return;

  await updateSession(tx, session.id, { state: "placing", epoch, attemptId, nodeId, moveTo: null });
  await emit(ctx, tx, {
    type: "session.placed",
    session_id: session.id as Id<"session">,
    team_id: session.teamId as Id<"team">,
    node_id: nodeId as Id<"node">,
    attempt_id: attemptId,
  });
}

/** False: the team can't pay; the session has been ended with the reason, and its devices are free. */
async function payFirstSlice(
  ctx: Context,
  tx: Tx,
  session: SessionRow,
  attemptId: string,
  now: Date,
): Promise<boolean> {
  try {
    await reserveSlice(ctx, tx, await meteredOf(tx, { id: attemptId }, session), 0, now);
    return true;
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== "insufficient_credits") throw error;
    await releaseDevices(tx, attemptId, now);
    await updateAttempt(tx, attemptId, { state: "ended", endedAt: now });
    if (session.kind === "train" && session.epoch > 0) {
      // It has work to lose: it waits for credit. The attempt above has used up the next epoch.
      const at = { ...session, epoch: session.epoch + 1 };
      await putBack(ctx, tx, at, { state: "paused", stopReason: CREDITS_EXHAUSTED });
      return false;
    }
    const failure = {
      code: "credits_exhausted" as const,
      message: error.message,
      location: null,
      hint: null,
    };
    await updateSession(tx, session.id, { state: "failed", failure, endedAt: now });
    await emit(ctx, tx, {
      type: "session.ended",
      session_id: session.id as Id<"session">,
      team_id: session.teamId as Id<"team">,
      node_id: null,
    });
    return false;
  }
}
