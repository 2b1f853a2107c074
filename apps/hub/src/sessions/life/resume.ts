import { DomainError, type Id } from "@podium/shared";
import type { Context } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { emit } from "../../platform/outbox.ts";
import { ownSession } from "../show.ts";
import { isEnded } from "../stop.ts";
import { lockSession, type SessionRow, updateSession } from "../store.ts";
import { type FindCheckpoint, forkSession } from "./fork.ts";

/**
 * Lets a session go on from what it saved last: a paused one itself, in the place that it had in the queue; of one that
 * has ended, a new session is made, as by `forkSession`. One that waits to be tried again is queued now.
 * @returns the session that goes on, which may be the new one
 * @throws DomainError `not_found`, `forbidden`, `conflict` while it is under way
 */
export async function resumeSession(
  ctx: Context,
  tx: Tx,
  id: string,
  findCheckpoint: FindCheckpoint,
): Promise<SessionRow> {
  await ownSession(ctx, id, tx);
  const session = await lockSession(tx, id);
  if (!session) throw new DomainError("not_found", "There is no such session.");
  if (isEnded(session.state)) return forkSession(ctx, tx, id, { team: undefined }, findCheckpoint);
  if (session.state !== "paused" && session.state !== "retrying") {
    const hint = session.afterStop === "paused" ? " Wait until it is paused." : "";
    throw new DomainError("conflict", `This session is ${session.state}, not paused.${hint}`);
  }
  const queued = { state: "queued" as const, stopReason: null, retryAt: null };
  await updateSession(tx, id, queued);
  await emit(ctx, tx, {
    type: "session.queued",
    session_id: session.id as Id<"session">,
    team_id: session.teamId as Id<"team">,
  });
  return { ...session, ...queued };
}
