import type { Id } from "@podium/shared";
import { type Metered, reserveSlices } from "../../credits/index.ts";
import { lockDevices, readiness } from "../../nodes/index.ts";
import type { Context } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { emitAll } from "../../platform/outbox.ts";
import type { Placement } from "../../scheduling/index.ts";
import { type Member, membersFor } from "../gangs/members.ts";
import { takenPorts } from "../gangs/store.ts";
import { insertAllocations, insertAttempts, lockQueued, markPlaced, type QueuedRow } from "./store.ts";
import { turnAway } from "./turn-away.ts";

/** A placement that still holds, with the attempts that it will make. */
interface Draft {
  session: QueuedRow;
  members: readonly [Member, ...Member[]];
}

type Devices = Awaited<ReturnType<typeof lockDevices>>;

/**
 * Applies placements in the caller's transaction: of each session all is placed, every member of a gang, or nothing. One
 * that has become void (its session was stopped, its node drains, its device is taken) is left out, one that can't be
 * paid is turned away; neither touches the others. Sessions, devices and accounts are locked in the order of their ids.
 */
export async function applyPlacements(ctx: Context, tx: Tx, placements: readonly Placement[]): Promise<void> {
  const now = ctx.clock.now();
  const drafts = await draftsOf(ctx, tx, placements);
  const devices = await lockDevices(
    tx,
    drafts.flatMap(({ members }) => members.flatMap(({ deviceIds }) => deviceIds)),
  );
  const fitting = drafts.filter((draft) => {
    const fits = takes(devices, draft.members);
    if (!fits) logVoid(ctx, draft.session.id, "a device is held by another attempt");
    return fits;
  });
  const works = fitting.map(({ session, members }) =>
    members.map((member) => ({
      metered: meteredOf(session, member, devices),
      slice: 0,
      startsAt: now,
    })),
  );
  const refusals = await reserveSlices(ctx, tx, works);
  await writeDown(
    ctx,
    tx,
    fitting.filter((_, at) => !refusals[at]),
    now,
  );
  for (const [at, { session }] of fitting.entries()) {
    const refusal = refusals[at];
    if (refusal) await turnAway(ctx, tx, session, refusal.message);
  }
}

/** A session that has changed since the snapshot, or that somebody is changing, is passed over. */
async function draftsOf(ctx: Context, tx: Tx, placements: readonly Placement[]): Promise<Draft[]> {
  const queued = await lockQueued(
    tx,
    placements.map(({ sessionId }) => sessionId),
  );
  const nodes = await readiness(
    tx,
    placements.flatMap(({ parts }) => parts.map(({ nodeId }) => nodeId)),
  );
  const hasGangs = placements.some(({ parts }) => parts.length > 1);
  const addresses = [...nodes.values()].flatMap(({ capacity }) => capacity?.gangs?.address ?? []);
  const ports = await takenPorts(tx, hasGangs ? addresses : []);
  return placements.flatMap((placement) => {
    const session = queued.get(placement.sessionId);
    if (!session) return [];
    const members = membersFor(ctx.ids, session, placement, { nodes, ports });
    if (typeof members === "string") {
      logVoid(ctx, session.id, members);
      return [];
    }
    const [first, ...others] = members;
    if (!first) throw new Error(`Session ${session.id} was placed nowhere.`);
    return [{ session, members: [first, ...others] }];
  });
}

/** Takes from what the devices have left what all members need; false, and nothing is taken, where one has too little. */
function takes(devices: Devices, members: readonly Member[]): boolean {
  const wanted = new Map<string, number>();
  for (const { deviceIds, milli } of members)
    for (const id of deviceIds) wanted.set(id, (wanted.get(id) ?? 0) + milli);
  for (const [id, milli] of wanted) if ((devices.get(id)?.heldMilli ?? 1000) + milli > 1000) return false;
  for (const [id, milli] of wanted) {
    const device = devices.get(id);
    if (device) device.heldMilli += milli;
  }
  return true;
}

function meteredOf(session: QueuedRow, member: Member, devices: Devices): Metered {
  const { id: sessionId, teamId, name, prices, resources } = session;
  const models = member.deviceIds.flatMap((id) => devices.get(id)?.model ?? []);
  return { attemptId: member.id, sessionId, teamId, name, prices, resources, models };
}

async function writeDown(ctx: Context, tx: Tx, placed: readonly Draft[], now: Date): Promise<void> {
  if (placed.length === 0) return;
  const leaseUntil = new Date(now.getTime() + ctx.settings.leaseMs);
  const attempts = placed.flatMap(({ session, members }) =>
    members.map(({ id, rank, nodeId, port }) => {
      const where = { id, sessionId: session.id, nodeId, epoch: session.epoch + 1, rank, port };
      return { ...where, state: "placing" as const, leaseUntil, createdAt: now };
    }),
  );
  await insertAttempts(tx, attempts);
  const allocated = placed.flatMap(({ members }) =>
    members.flatMap(({ id: attemptId, deviceIds, milli }) =>
      deviceIds.map((deviceId) => ({
        id: ctx.ids.next("allocation"),
        attemptId,
        deviceId,
        milli,
        createdAt: now,
      })),
    ),
  );
  await insertAllocations(tx, allocated);
  await markPlaced(
    tx,
    placed.map(({ session, members: [{ id, nodeId }] }) => ({
      id: session.id,
      epoch: session.epoch + 1,
      attemptId: id,
      nodeId,
    })),
  );
  await emitAll(
    ctx,
    tx,
    placed.flatMap(({ session, members }) =>
      firstOfEachNode(members).map(({ id, nodeId }) => ({
        type: "session.placed" as const,
        session_id: session.id as Id<"session">,
        team_id: session.teamId as Id<"team">,
        node_id: nodeId as Id<"node">,
        attempt_id: id as Id<"attempt">,
      })),
    ),
  );
}

function firstOfEachNode(members: readonly Member[]): Member[] {
  const byNode = Map.groupBy(members, ({ nodeId }) => nodeId);
  return [...byNode.values()].flatMap(([first]) => first ?? []);
}

function logVoid(ctx: Context, session: string, reason: string): void {
  ctx.log.info({ session, reason }, "a decision was void; the next turn decides anew");
}
