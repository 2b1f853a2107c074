import { refundSession } from "../../credits/index.ts";
import type { Context } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { emit } from "../../platform/outbox.ts";
import { countTries, findCompetition, lockSubmission, updateSubmission } from "../store.ts";
import { dayStart, isRefunded } from "./limits.ts";
import { submissionIds } from "./submit.ts";

export interface SubmissionFault {
  code: string;
  message: string;
  /** true: ours, not the entrant's; never costs a try or a credit */
  platform: boolean;
}

/** Ends a submission as failed, once, and gives back what the contest's rule gives back. */
export async function failSubmission(
  ctx: Context,
  tx: Tx,
  submissionId: string,
  fault: SubmissionFault,
): Promise<void> {
  const submission = await lockSubmission(tx, submissionId);
  if (!submission || submission.state === "scored" || submission.state === "failed") return;
  const found = await findCompetition(tx, { id: submission.competitionId });
  if (!found) throw new Error(`The competition of ${submissionId} is gone.`);
  const tries = await countTries(
    tx,
    submission.entrantId,
    submission.roundId,
    dayStart(submission.submittedAt),
  );
  // A trial run is no try that could be given back; what its own fault has cost stays its cost, as of any session.
  const rule = submission.trial
    ? { refund: false, per_day: 0 }
    : found.competition.definition.failed_submissions;
  const refunded = isRefunded(rule, fault.platform, tries.refundedToday);
  if (refunded && submission.inferSessionId) {
    await refundSession(ctx, tx, submission.inferSessionId, `failed submission ${submission.id}`);
  }
  const failure = { code: fault.code, message: fault.message };
  await updateSubmission(tx, submission.id, {
    state: "failed",
    failure,
    refunded,
    platformFault: fault.platform,
    endedAt: ctx.clock.now(),
  });
  await emit(ctx, tx, { type: "submission.failed", ...submissionIds(submission) });
}
