import { DomainError, ENDED_STATES, type Id, type SessionState } from "@podium/shared";
import type { Context } from "../platform/context.ts";
import type { Tx } from "../platform/database.ts";
import { emit } from "../platform/outbox.ts";
import { tellToStop } from "./gangs/tell-nodes.ts";
import { lockSession, type SessionRow, updateSession } from "./store.ts";

export function isEnded(state: SessionState): boolean {
  return (ENDED_STATES as readonly SessionState[]).includes(state);
}

/**
 * Stops a session for good: at once while it has no attempt; otherwise its script is asked for a checkpoint, gets its
 * grace period and is then ended. One that is being interrupted will end instead of going on. Crash between the commit and the node hearing of it: the next heartbeat tells the node.
 * @throws DomainError `conflict` when it has ended or is stopping already
 */
export async function stopSession(
  ctx: Context,
  tx: Tx,
  sessionId: string,
  reason: string,
): Promise<SessionRow> {
  const session = await lockSession(tx, sessionId);
  if (!session) throw new DomainError("not_found", "There is no such session.");
  if (isEnded(session.state))
    throw new DomainError("conflict", `This session has ended already (${session.state}).`);
  if (session.state === "stopping" && session.afterStop === null)
    throw new DomainError("conflict", "This session is stopping already.");

  const ids = { session_id: session.id as Id<"session">, team_id: session.teamId as Id<"team"> };
  if (["queued", "retrying", "paused"].includes(session.state)) {
    const endedAt = ctx.clock.now();
    const ended = { state: "stopped" as const, stopReason: reason, retryAt: null, endedAt };
    await updateSession(tx, session.id, ended);
    await emit(ctx, tx, { type: "session.ended", ...ids, node_id: null });
    return { ...session, ...ended };
  }
  const stopping = { state: "stopping" as const, afterStop: null, stopReason: reason };
  await updateSession(tx, session.id, stopping);
  await tellToStop(ctx, tx, session);
  return { ...session, ...stopping };
}
