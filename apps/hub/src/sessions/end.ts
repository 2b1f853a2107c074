import type { Id, SessionFailure, SessionState } from "@podium/shared";
import { refundSession, settleSlices } from "../credits/index.ts";
import type { Context } from "../platform/context.ts";
import type { Tx } from "../platform/database.ts";
import { emit } from "../platform/outbox.ts";
import { reserveUntil } from "./meter.ts";
import { meteredOf } from "./metered.ts";
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

export interface Ending {
  exitCode: number | null;
  failure: SessionFailure | null;
  endedAt: Date;
}

/**
 * Ends a live attempt whose node has confirmed that nothing of it is left (or was fenced): frees its devices,
 * settles its credit, and either ends the session or, after a fault of the platform, queues it again for free.
 */
export async function endAttempt(
  ctx: Context,
  tx: Tx,
  attempt: AttemptRow,
  session: SessionRow,
  ending: Ending,
): Promise<void> {
  const ourFault = ending.failure?.code === "platform_error" || ending.failure?.code === "node_lost";
  await releaseDevices(tx, attempt.id, ctx.clock.now());
  await pay(ctx, tx, attempt, session, ending, ourFault);
  await updateAttempt(tx, attempt.id, {
    state: ending.failure?.code === "node_lost" ? "lost" : "ended",
    exitCode: ending.exitCode,
    endedAt: ending.endedAt,
  });
  const ids = { session_id: session.id as Id<"session">, team_id: session.teamId as Id<"team"> };
  const faults = ourFault ? faultsInARow(session, await lastAttempts(tx, session.id, MAX_PLACEMENTS)) : 0;
  if (ourFault && session.state !== "stopping" && faults < MAX_PLACEMENTS) {
    // A higher epoch voids every write that the old attempt may still send.
    await updateSession(tx, session.id, {
      state: "queued",
      epoch: session.epoch + 1,
      attemptId: null,
      nodeId: null,
      startedAt: null,
    });
    await emit(ctx, tx, { type: "session.queued", ...ids });
    return;
  }
  const state = endState(session, ending);
  await updateSession(tx, session.id, {
    state,
    failure: state === "succeeded" ? null : finalFailure(session, ending.failure, faults),
    startedAt: attempt.startedAt,
    endedAt: ending.endedAt,
  });
  await emit(ctx, tx, { type: "session.ended", ...ids, node_id: attempt.nodeId as Id<"node"> });
}

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

/** A fault of the platform costs nothing, for its work is lost; what an endpoint has answered until then is not. */
async function pay(
  ctx: Context,
  tx: Tx,
  attempt: AttemptRow,
  session: SessionRow,
  ending: Ending,
  ourFault: boolean,
): Promise<void> {
  if (ourFault && session.kind !== "serve") {
    await refundSession(ctx, tx, session.id, `${session.name}: ${ending.failure?.code}`);
    return;
  }
  const metered = await meteredOf(tx, attempt, session);
  const usedUntil = attempt.startedAt ? ending.endedAt : new Date(0);
  // What was used while nobody metered (the hub was down) is due too, as far as the team can pay.
  await reserveUntil(ctx, tx, metered, usedUntil);
  await settleSlices(ctx, tx, metered, usedUntil, true);
}

function endState(session: SessionRow, ending: Ending): SessionState {
  if (session.state === "stopping") return "stopped";
  return ending.failure === null && ending.exitCode === 0 ? "succeeded" : "failed";
}

function finalFailure(
  session: SessionRow,
  failure: SessionFailure | null,
  faults: number,
): SessionFailure | null {
  if (session.stopReason === "credits_exhausted") return creditsExhausted;
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
