import type { Context } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { isEnded, lockSession, stopSession } from "../../sessions/index.ts";

/** Stops a session that nobody needs any more; one that has ended, or is ending already, is left alone. */
export async function stopUnlessEnding(
  ctx: Context,
  tx: Tx,
  sessionId: string,
  reason: string,
): Promise<void> {
  const session = await lockSession(tx, sessionId);
  if (!session || isEnded(session.state)) return;
  if (session.state === "stopping" && session.afterStop === null) return;
  await stopSession(ctx, tx, sessionId, reason);
}
