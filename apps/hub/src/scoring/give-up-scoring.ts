import {
  failSubmission,
  lockSubmission,
  type SubmissionFault,
  stopUnlessEnding,
} from "../competitions/index.ts";
import type { Context } from "../platform/context.ts";
import type { Tx } from "../platform/database.ts";
import { oneByOne } from "../platform/one-by-one.ts";
import { isEnded, lockSession, type SessionRow } from "../sessions/index.ts";
import { PROGRAM_FAILED } from "./programs/run-program.ts";
import { boundsOf, NO_NODE_TOOK_IT, waitInWords } from "./waiting/bounds.ts";
import { overdueScorings } from "./waiting/store.ts";

/**
 * Ends submissions whose scoring program has outlived its bounds, at no cost to their entrants: no node has taken it,
 * one after the other has lost it, or the one that has it doesn't end it. A round closes only once all that it accepted
 * has ended (invariant 3).
 */
export async function giveUpScoring(ctx: Context): Promise<void> {
  await oneByOne(
    ctx,
    await overdueScorings(ctx.db, boundsOf(ctx)),
    "giving up scorers",
    async ({ id, session }) => {
      const fault = isPlaced(session) ? PROGRAM_FAILED : noNode(ctx);
      if (await ctx.db.transaction((tx) => giveUp(ctx, tx, id, session, fault)))
        ctx.log.warn(
          { submission: id, session: session.id, state: session.state },
          "a submission was given up: its scorer did not come to an end",
        );
    },
  );
}

/** False: it has ended since, or was placed since it was found waiting. Then it is let go on. */
async function giveUp(
  ctx: Context,
  tx: Tx,
  id: string,
  known: SessionRow,
  fault: SubmissionFault,
): Promise<boolean> {
  const submission = await lockSubmission(tx, id);
  const session = await lockSession(tx, known.id);
  if (submission?.state !== "scoring" || submission.scoreSessionId !== known.id) return false;
  if (!session || isEnded(session.state) || (isPlaced(session) && !isPlaced(known))) return false;
  const reason = isPlaced(session) ? "it did not end in time" : NO_NODE_TOOK_IT;
  await stopUnlessEnding(ctx, tx, known.id, reason);
  await failSubmission(ctx, tx, id, fault);
  return true;
}

const isPlaced = ({ state }: SessionRow) => state !== "queued" && state !== "retrying";

const noNode = (ctx: Context): SubmissionFault => ({
  ...PROGRAM_FAILED,
  message: `No node could run the organizer's scorer within ${waitInWords(ctx)}. It cost you nothing and is no try: submit again, or wait for the organizer to score the round again.`,
});
