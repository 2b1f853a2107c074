import type { Id, SessionFailure, SessionState } from "@podium/shared";
import { settleSlices } from "../credits/index.ts";
import type { Context } from "../platform/context.ts";
import type { Tx } from "../platform/database.ts";
import { emit } from "../platform/outbox.ts";
import { meteredOf } from "./metered.ts";
import { type AttemptRow, releaseDevices, type SessionRow, updateAttempt, updateSession } from "./store.ts";

/** Platform faults are tried again this many times before the session fails. */
export const MAX_ATTEMPTS = 4;

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
  const again = ourFault && session.state !== "stopping" && session.epoch < MAX_ATTEMPTS * 2;
  const usedUntil = ourFault || !attempt.startedAt ? new Date(0) : ending.endedAt;

  await releaseDevices(tx, attempt.id, ctx.clock.now());
  await settleSlices(ctx, tx, await meteredOf(tx, attempt, session), usedUntil, true);
  await updateAttempt(tx, attempt.id, {
    state: ending.failure?.code === "node_lost" ? "lost" : "ended",
    exitCode: ending.exitCode,
    endedAt: ending.endedAt,
  });
  const ids = { session_id: session.id as Id<"session">, team_id: session.teamId as Id<"team"> };
  if (again) {
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
  const stopFailure = session.stopReason === "credits_exhausted" ? creditsExhausted : null;
  await updateSession(tx, session.id, {
    state,
    failure: state === "succeeded" ? null : (stopFailure ?? ending.failure),
    endedAt: ending.endedAt,
  });
  await emit(ctx, tx, { type: "session.ended", ...ids, node_id: attempt.nodeId as Id<"node"> });
}

const creditsExhausted: SessionFailure = {
  code: "credits_exhausted",
  message: "The team's credit was used up. The session was asked for a checkpoint and then stopped.",
  location: null,
  hint: "Ask an administrator of this hub for credit, then run it again from its last checkpoint.",
};

function endState(session: SessionRow, ending: Ending): SessionState {
  if (session.state === "stopping") return "stopped";
  return ending.failure === null && ending.exitCode === 0 ? "succeeded" : "failed";
}
