import type { Context } from "../../platform/context.ts";
import { emit } from "../../platform/outbox.ts";
import { findSession, isEnded } from "../../sessions/index.ts";
import { findRound, findSubmission, lockSubmission, updateSubmission } from "../store.ts";
import { failSubmission } from "./fail.ts";
import { inferFault } from "./infer-fault.ts";
import { submissionIds } from "./submit.ts";

/** Takes over what an infer session left: its predictions go to the scorer, its failure to the entrant. */
export async function collectPredictions(ctx: Context, inferSessionId: string): Promise<void> {
  const known = await findSubmission(ctx.db, { inferSessionId });
  if (!known) return;
  await ctx.db.transaction(async (tx) => {
    const submission = await lockSubmission(tx, known.id);
    const session = await findSession(tx, { id: inferSessionId });
    if (submission?.state !== "inferring" || !session || !isEnded(session.state)) return;
    if (session.state === "succeeded" && session.outputTree) {
      await updateSubmission(tx, submission.id, { state: "scoring", predictionsTree: session.outputTree });
      const event = { type: "submission.predicted" as const, ...submissionIds(submission) };
      await emit(ctx, tx, { ...event, turn: submission.priority });
      return;
    }
    const round = await findRound(tx, { id: submission.roundId });
    if (!round) throw new Error(`The round of submission ${submission.id} is gone.`);
    await failSubmission(ctx, tx, submission.id, inferFault(submission, session, round));
  });
}
