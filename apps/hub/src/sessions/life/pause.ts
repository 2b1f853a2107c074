import type { Context } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { interruptSession } from "../interrupt.ts";
import { ownSession } from "../show.ts";
import type { SessionRow } from "../store.ts";

/**
 * Pauses a training session of the actor's team: it saves, ends, and then holds no devices and pays nothing until
 * somebody resumes it. @throws DomainError `not_found`, `forbidden`, `conflict`
 */
export async function pauseSession(ctx: Context, tx: Tx, id: string): Promise<SessionRow> {
  const { id: sessionId } = await ownSession(ctx, id, tx);
  return interruptSession(ctx, tx, { sessionId, next: "paused", reason: "paused by its team" });
}
