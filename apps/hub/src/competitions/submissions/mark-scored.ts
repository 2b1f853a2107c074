import type { Context } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { emit } from "../../platform/outbox.ts";
import { lockSubmission, type SubmissionRow, updateSubmission } from "../store.ts";
import { submissionIds } from "./submit.ts";

/** What is kept of a score beside the value that ranks. */
export type ScoreDetails = Partial<
  Pick<SubmissionRow, "columns" | "privateScore" | "privateColumns" | "predictionsDigest">
>;

/** Ends a submission as scored, once. @returns false when it had ended before */
export async function markScored(
  ctx: Context,
  tx: Tx,
  submissionId: string,
  score: number,
  details: ScoreDetails = {},
): Promise<boolean> {
  const submission = await lockSubmission(tx, submissionId);
  if (submission?.state !== "scoring") return false;
  await updateSubmission(tx, submission.id, { ...details, state: "scored", score, endedAt: ctx.clock.now() });
  await emit(ctx, tx, { type: "submission.scored", ...submissionIds(submission) });
  return true;
}
