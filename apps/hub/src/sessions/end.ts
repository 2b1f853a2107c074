import type { Id, SessionFailure, SessionState } from "@podium/shared";
import { refundAttempt, settleSlices } from "../credits/index.ts";
import type { Context } from "../platform/context.ts";
import type { Tx } from "../platform/database.ts";
import { emit } from "../platform/outbox.ts";
import { type Ending, hasFailed, isPlatformFault } from "./ending.ts";
import { endMember } from "./gangs/end-member.ts";
import { CREDITS_EXHAUSTED, reserveUntil } from "./meter.ts";
import { meteredOf } from "./metered.ts";
import { putBack } from "./requeue.ts";
import { mayTryAgain, waitAfterFailures, waitAfterFaults } from "./retry.ts";
import {
  type AttemptRow,
  lastAttempts,
  releaseDevices,
  type SessionRow,
  updateAttempt,
  updateSession,
} from "./store.ts";

/** After so many faults of the platform in a row the session fails: by then it may well be their cause. */
export const MAX_PLACEMENTS = 5;
/** A session that ran this long was not the cause of what ended it. */
const INNOCENT_MS = 10 * 60_000;

/**
 * Ends a live attempt whose node has confirmed that nothing of it is left (or was fenced): frees its devices and settles
 * its credit. A gang's session goes on until its last member has ended.
 */
export async function endAttempt(
  ctx: Context,
  tx: Tx,
  attempt: AttemptRow,
  session: SessionRow,
  ending: Ending,
): Promise<void> {
  const ourFault = isPlatformFault(ending.failure);
  await releaseDevices(tx, attempt.id, ctx.clock.now());
  await pay(ctx, tx, attempt, session, ending, ourFault);
  await updateAttempt(tx, attempt.id, {
    state: ending.failure?.code === "node_lost" ? "lost" : "ended",
    exitCode: ending.exitCode,
    failure: ending.failure,
    wasEnded: ending.wasEnded ?? null,
    endedAt: ending.endedAt,
  });
  if (session.nodes === 1) return endPlacement(ctx, tx, attempt, session, ending);
  const whole = await endMember(ctx, tx, session);
  if (whole) await endPlacement(ctx, tx, whole.attempt, session, whole.ending);
}

/**
 * Nothing is left of a session's placement. It goes on from its latest checkpoint when it was only interrupted, after a
 * fault of the platform (for free), and after a failure of its own as often as was asked for; else it ends.
 */
async function endPlacement(
  ctx: Context,
  tx: Tx,
  attempt: AttemptRow,
  session: SessionRow,
  ending: Ending,
): Promise<void> {
  const ourFault = isPlatformFault(ending.failure);
  const faults = ourFault ? faultsInARow(session, await lastAttempts(tx, session.id, MAX_PLACEMENTS)) : null;
  if (await goOn(ctx, tx, attempt, session, ending, faults)) return;

  const state = endState(session, ending);
  await updateSession(tx, session.id, {
    state,
    afterStop: null,
    failure: state === "succeeded" ? null : finalFailure(session, ending.failure, faults ?? 0),
    startedAt: attempt.startedAt,
    endedAt: ending.endedAt,
  });
  await emit(ctx, tx, {
    type: "session.ended",
    session_id: session.id as Id<"session">,
    team_id: session.teamId as Id<"team">,
    node_id: attempt.nodeId as Id<"node">,
  });
}

/**
 * Queues or pauses what is not to end with its attempt.
 * @param faults  of the platform in a row that the session may have caused; null when it was not ended by one
 * @returns false when it ends
 */
async function goOn(
  ctx: Context,
  tx: Tx,
  attempt: AttemptRow,
  session: SessionRow,
  ending: Ending,
  faults: number | null,
): Promise<boolean> {
  if (session.state === "stopping") {
    if (session.afterStop === null || finishedInTime(ending)) return false;
    const ranMs = attempt.startedAt ? ending.endedAt.getTime() - attempt.startedAt.getTime() : 0;
    await putBack(ctx, tx, session, { state: session.afterStop, ranMs: session.ranMs + ranMs });
    return true;
  }
  if (faults !== null) {
    if (faults >= MAX_PLACEMENTS) return false;
    await tryAgain(ctx, tx, session, waitAfterFaults(faults), session.retriesUsed);
    return true;
  }
  if (!hasFailed(ending) || !mayTryAgain(session, ending.failure)) return false;
  const used = session.retriesUsed + 1;
  await tryAgain(ctx, tx, session, waitAfterFailures(used), used);
  return true;
}

async function tryAgain(
  ctx: Context,
  tx: Tx,
  session: SessionRow,
  waitMs: number,
  retriesUsed: number,
): Promise<void> {
  const retryAt = new Date(ctx.clock.now().getTime() + waitMs);
  const to = waitMs === 0 ? { state: "queued" as const } : { state: "retrying" as const, retryAt };
  await putBack(ctx, tx, session, { ...to, retriesUsed });
}

/** It was to be interrupted and came to its end by itself before: nothing of it is left to do. */
const finishedInTime = (ending: Ending) => !hasFailed(ending) && ending.wasEnded === false;

/** How often a session has been placed: placing it raises the epoch by one, queueing it again by one more. */
export function placements(session: Pick<SessionRow, "epoch">): number {
  return Math.ceil(session.epoch / 2);
}

/**
 * How many attempts, counted back from the last, were ended by a fault that the session may have caused. A model that
 * had begun to answer goes on for as long as its endpoint wants it, however often its nodes stop.
 */
function faultsInARow(session: SessionRow, latestFirst: readonly AttemptRow[]): number {
  const isInnocent = ({ state, startedAt, endedAt }: AttemptRow) =>
    startedAt !== null &&
    endedAt !== null &&
    ((session.kind === "serve" && state === "lost") ||
      endedAt.getTime() - startedAt.getTime() >= INNOCENT_MS);
  const innocent = latestFirst.findIndex(isInnocent);
  return innocent === -1 ? latestFirst.length : innocent;
}

/** A fault of the platform makes an attempt free, for its work is lost; what an endpoint has answered until then is not. */
async function pay(
  ctx: Context,
  tx: Tx,
  attempt: AttemptRow,
  session: SessionRow,
  ending: Ending,
  ourFault: boolean,
): Promise<void> {
  if (ourFault && session.kind !== "serve") {
    await refundAttempt(ctx, tx, attempt.id, `${session.name}: ${ending.failure?.code}`);
    return;
  }
  const metered = await meteredOf(tx, attempt, session);
  const usedUntil = attempt.startedAt ? ending.endedAt : new Date(0);
  // What was used while nobody metered (the hub was down) is due too, as far as the team can pay.
  await reserveUntil(ctx, tx, metered, usedUntil);
  await settleSlices(ctx, tx, metered, usedUntil, true);
}

function endState(session: SessionRow, ending: Ending): SessionState {
  if (session.state === "stopping") return session.afterStop === null ? "stopped" : "succeeded";
  return hasFailed(ending) ? "failed" : "succeeded";
}

function finalFailure(
  session: SessionRow,
  failure: SessionFailure | null,
  faults: number,
): SessionFailure | null {
  if (session.stopReason === CREDITS_EXHAUSTED) return creditsExhausted;
  if (!failure || faults === 0 || session.state === "stopping") return failure;
  return {
    ...failure,
    message: `Podium gave up after ${faults} tries in a row, each ended by a fault of its own; nothing was charged. The last: ${failure.message}`,
    hint: "Run it again; if that fails too, tell an administrator of this hub.",
  };
}

const creditsExhausted: SessionFailure = {
  code: "credits_exhausted",
  message: "The team's credit was used up. The session was asked for a checkpoint and then stopped.",
  location: null,
  hint: "Ask an administrator of this hub for credit, then run it again from its last checkpoint.",
};
