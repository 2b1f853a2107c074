import { failSubmission, lockSubmission } from "../competitions/index.ts";
import type { Context } from "../platform/context.ts";
import type { Tx } from "../platform/database.ts";
import { oneByOne } from "../platform/one-by-one.ts";
import { lockSession, stopSession } from "../sessions/index.ts";
import { PROGRAM_FAILED } from "./programs/run-program.ts";
import { waitingPrograms } from "./store.ts";

/**
 * Ends submissions whose scoring program no node has taken within `inferWaitMs`, at no cost to their entrants: a node
 * may never return, and a round closes only once all that it accepted has ended (invariant 3).
 */
export async function giveUpScoring(ctx: Context): Promise<void> {
  const before = new Date(ctx.clock.now().getTime() - ctx.settings.inferWaitMs);
  const waiting = await waitingPrograms(ctx.db, before);
  await oneByOne(ctx, waiting, "giving up waiting scorers", async ({ id, sessionId }) => {
    if (await ctx.db.transaction((tx) => giveUp(ctx, tx, id, sessionId)))
      ctx.log.warn(
        { submission: id, session: sessionId },
        "a submission was given up: no node took its scorer",
      );
  });
}

/** False: it has been placed since. Then it runs, and is let go on. */
async function giveUp(ctx: Context, tx: Tx, id: string, sessionId: string): Promise<boolean> {
  const submission = await lockSubmission(tx, id);
  const session = await lockSession(tx, sessionId);
  const waits = session?.state === "queued" || session?.state === "retrying";
  if (submission?.state !== "scoring" || submission.scoreSessionId !== sessionId || !waits) return false;
  await stopSession(ctx, tx, sessionId, "no node took it in time");
  await failSubmission(ctx, tx, id, PROGRAM_FAILED);
  return true;
}
