import { DomainError, type Id } from "@podium/shared";
import type { Context } from "../platform/context.ts";
import type { Tx } from "../platform/database.ts";
import { emit } from "../platform/outbox.ts";
import { tellToStop } from "./gangs/tell-nodes.ts";
import { isEnded } from "./stop.ts";
import { lockSession, type SessionRow, updateSession } from "./store.ts";

export interface Interruption {
  sessionId: string;
  /** what becomes of it: queued again at once, or paused until somebody resumes it */
  next: "queued" | "paused";
  reason: string;
}

/**
 * Takes a session off its node for now: its script is asked for a checkpoint, gets its grace period and is ended; then
 * it is queued again or paused, to go on from what it saved last (see `endAttempt`). One that has no attempt is paused
 * at once. A pause that was asked for outlasts an interruption that would queue it again.
 * Crash between the commit and the node hearing of it: the next heartbeat tells the node.
 * @throws DomainError `not_found`, `conflict` when it has ended, ends, or is paused
 */
export async function interruptSession(
  ctx: Context,
  tx: Tx,
  { sessionId, next, reason }: Interruption,
): Promise<SessionRow> {
  const session = await lockSession(tx, sessionId);
  if (!session) throw new DomainError("not_found", "There is no such session.");
  refuse(session, next);
  const change = changeOf(session, next, reason);
  if (change === null) return session;

  await updateSession(tx, session.id, change);
  const ids = { session_id: session.id as Id<"session">, team_id: session.teamId as Id<"team"> };
  if (change.state === "stopping") await tellToStop(ctx, tx, session);
  else await emit(ctx, tx, { type: "session.changed", ...ids });
  return { ...session, ...change };
}

function refuse({ state, kind, afterStop }: SessionRow, next: Interruption["next"]): void {
  if (isEnded(state)) throw new DomainError("conflict", `This session has ended already (${state}).`);
  if (state === "stopping" && afterStop === null)
    throw new DomainError("conflict", "This session is stopping already.");
  if (state === "paused") throw new DomainError("conflict", "This session is paused already.");
  if (next === "paused" && kind !== "train")
    throw new DomainError("conflict", `Only training sessions can be paused; this one's kind is ${kind}.`);
}

/** Null when nothing is to be done. */
function changeOf(
  { state, afterStop }: SessionRow,
  next: Interruption["next"],
  reason: string,
): Partial<SessionRow> | null {
  if (state === "stopping")
    return next === "queued" || afterStop === "paused" ? null : { afterStop: next, stopReason: reason };
  if (state === "queued" || state === "retrying")
    return next === "queued" ? null : { state: next, stopReason: reason, retryAt: null };
  return { state: "stopping", afterStop: next, stopReason: reason };
}
