import { DomainError, type Id, type SessionState } from "@podium/shared";
import { reserveSlice } from "../credits/index.ts";
import type { Context } from "../platform/context.ts";
import type { Tx } from "../platform/database.ts";
import { isLeader, type Leadership } from "../platform/leader.ts";
import { oneByOne } from "../platform/one-by-one.ts";
import { emit } from "../platform/outbox.ts";
import { decide, type Placement } from "../scheduling/index.ts";
import { type Member, membersFor } from "./gangs/members.ts";
import { interruptSession } from "./interrupt.ts";
import { CREDITS_EXHAUSTED } from "./meter.ts";
import { meteredOf } from "./metered.ts";
import { readSnapshot } from "./placing/read-snapshot.ts";
import { allocate } from "./placing/store.ts";
import { putBack } from "./requeue.ts";
import {
  findSession,
  insertAttempt,
  lockSession,
  releaseDevices,
  type SessionRow,
  updateAttempt,
  updateSession,
} from "./store.ts";

/** A turn must end well before the leader's lease does; what is left is placed in the next. */
const MAX_A_TURN = 200;
const ON_A_NODE: ReadonlySet<SessionState> = new Set(["placing", "preparing", "running"]);

/**
 * One turn of the scheduler: decide over a snapshot, then apply each decision in a transaction of its own. Sessions that
 * are to make room for more urgent ones save, stop, and are queued again.
 */
export async function placeSessions(ctx: Context, leadership: Leadership): Promise<void> {
  const { placements, preemptions } = decide(await readSnapshot(ctx));
  await oneByOne(ctx, placements.slice(0, MAX_A_TURN), "placing", (placement) =>
    asLeader(ctx, leadership, placement.sessionId, (tx) => applyPlacement(ctx, tx, placement)),
  );
  await oneByOne(ctx, preemptions, "making room", ({ sessionId, forSession }) =>
    asLeader(ctx, leadership, sessionId, async (tx) => {
      const { state } = (await lockSession(tx, sessionId)) ?? {};
      if (!state || !ON_A_NODE.has(state)) throw new Void("what was to make room is on its way out");
      const { name } = (await findSession(tx, { id: forSession })) ?? {};
      const reason = `makes room for ${name ?? forSession}, which is more urgent`;
      await interruptSession(ctx, tx, { sessionId, next: "queued", reason });
    }),
  );
}

/** Work that counts only while this hub leads; what has become void is decided anew in the next turn. */
async function asLeader(
  ctx: Context,
  leadership: Leadership,
  sessionId: string,
  work: (tx: Tx) => Promise<void>,
): Promise<void> {
  try {
    await ctx.db.transaction(async (tx) => {
      if (!(await isLeader(tx, leadership))) throw new Void("this hub leads no more");
      await work(tx);
    });
  } catch (error) {
    if (!(error instanceof Void)) throw error;
    ctx.log.info(
      { session: sessionId, reason: error.message },
      "a decision was void; the next turn decides anew",
    );
  }
}

class Void extends Error {}

/** All of a session is placed, every member of a gang, or nothing of it. */
async function applyPlacement(ctx: Context, tx: Tx, placement: Placement): Promise<void> {
  const session = await lockSession(tx, placement.sessionId);
  if (session?.state !== "queued") return;
  const now = ctx.clock.now();
  const epoch = session.epoch + 1;
  const members = await membersFor(ctx, tx, session, placement);
  if (typeof members === "string") throw new Void(members);
  const [first] = members;
  if (!first) throw new Error(`Session ${session.id} was placed nowhere.`);

  const leaseUntil = new Date(now.getTime() + ctx.settings.leaseMs);
  for (const { id, rank, nodeId, port } of members) {
    const where = { id, sessionId: session.id, nodeId, epoch, rank, port };
    await insertAttempt(tx, { ...where, state: "placing", leaseUntil, createdAt: now });
  }
  if (!(await allocate(tx, allocationsOf(ctx, members, now))))
    throw new Void("a device is held by another attempt");
  if (!(await payFirstSlices(ctx, tx, session, members, now))) return;

  const { id: attemptId, nodeId } = first;
  await updateSession(tx, session.id, { state: "placing", epoch, attemptId, nodeId, moveTo: null });
  for (const { id, nodeId } of firstOfEachNode(members))
    await emit(ctx, tx, {
      type: "session.placed",
      session_id: session.id as Id<"session">,
      team_id: session.teamId as Id<"team">,
      node_id: nodeId as Id<"node">,
      attempt_id: id as Id<"attempt">,
    });
}

function allocationsOf(ctx: Context, members: readonly Member[], createdAt: Date) {
  return members.flatMap(({ id: attemptId, deviceIds, milli }) =>
    deviceIds.map((deviceId) => ({ id: ctx.ids.next("allocation"), attemptId, deviceId, milli, createdAt })),
  );
}

function firstOfEachNode(members: readonly Member[]): Member[] {
  const byNode = Map.groupBy(members, ({ nodeId }) => nodeId);
  return [...byNode.values()].flatMap(([first]) => first ?? []);
}

/** False: the team can't pay for all of it; the session has been ended with the reason, and its devices are free. */
async function payFirstSlices(
  ctx: Context,
  tx: Tx,
  session: SessionRow,
  members: readonly Member[],
  now: Date,
): Promise<boolean> {
  try {
    // What the first members of a gang have reserved goes with the rest when one can't be paid.
    await tx.transaction(async (inner) => {
      for (const { id } of members)
        await reserveSlice(ctx, inner, await meteredOf(inner, { id }, session), 0, now);
    });
    return true;
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== "insufficient_credits") throw error;
    for (const { id } of members) {
      await releaseDevices(tx, id, now);
      await updateAttempt(tx, id, { state: "ended", endedAt: now });
    }
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
