import type { Id, SessionNotice } from "@podium/shared";
import type { Context } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { emit } from "../../platform/outbox.ts";
import { setNotice } from "./store.ts";

/**
 * Says of an attempt that runs what is wrong with it, or that nothing is any more (null). It shows with its session, and
 * its node writes it into the log once. One that has ended meanwhile is passed over.
 */
export async function noticeAttempt(
  ctx: Context,
  tx: Tx,
  attemptId: string,
  notice: SessionNotice | null,
): Promise<void> {
  const session = await setNotice(tx, attemptId, notice);
  if (!session) return;
  await emit(ctx, tx, {
    type: "session.changed",
    session_id: session.sessionId as Id<"session">,
    team_id: session.teamId as Id<"team">,
  });
}
