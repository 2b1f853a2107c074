import type { Id } from "@podium/shared";
import type { Context } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { emit, emitAll } from "../../platform/outbox.ts";
import { CREDITS_EXHAUSTED } from "../meter.ts";
import { updateSession } from "../store.ts";
import type { QueuedRow } from "./store.ts";

/**
 * What becomes of a queued session, under its lock, whose team can't pay for its first minute. One that has work to lose
 * is paused until somebody resumes it, and its team is told; one that has never run fails with the reason.
 */
export async function turnAway(ctx: Context, tx: Tx, session: QueuedRow, message: string): Promise<void> {
  const ids = { session_id: session.id as Id<"session">, team_id: session.teamId as Id<"team"> };
  if (session.kind === "train" && session.epoch > 0) {
    await updateSession(tx, session.id, { state: "paused", stopReason: CREDITS_EXHAUSTED });
    await emitAll(ctx, tx, [
      { type: "session.changed", ...ids },
      { type: "credits.exhausted", team_id: ids.team_id },
    ]);
    return;
  }
  const failure = { code: "credits_exhausted" as const, message, location: null, hint: null };
  await updateSession(tx, session.id, { state: "failed", failure, endedAt: ctx.clock.now() });
  await emit(ctx, tx, { type: "session.ended", ...ids, node_id: null });
}
