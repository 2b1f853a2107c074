import type { SessionFailure } from "@podium/shared";
import type { Context } from "../platform/context.ts";
import { emit } from "../platform/outbox.ts";
import { findSession, isEnded } from "../sessions/index.ts";
import { failSubmission, type SubmissionFault } from "./fail.ts";
import { findSubmission, lockSubmission, updateSubmission } from "./store.ts";
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
    const fault =
      session.state === "succeeded" ? NO_PREDICTIONS : faultOf(session.failure, session.stopReason);
    await failSubmission(ctx, tx, submission.id, fault);
  });
}

const NO_PREDICTIONS: SubmissionFault = {
  code: "no_predictions",
  message: "Your code ended without predictions: bind an `infer` function, or write predictions.jsonl.",
  platform: false,
};

/** What the entrant is told. The text of its own exception is part of it, its log is not: that could print hidden inputs. */
function faultOf(failure: SessionFailure | null, stopReason: string | null): SubmissionFault {
  if (!failure) {
    return {
      code: "stopped",
      message: `The inference was stopped (${stopReason ?? "without a reason"}). Submit again.`,
      platform: true,
    };
  }
  const platform = failure.code === "platform_error" || failure.code === "node_lost";
  const where = failure.location ? ` (at ${failure.location})` : "";
  const hint = failure.hint ? ` ${failure.hint}` : "";
  if (failure.code === "user_error") {
    return {
      code: "model_error",
      message: `Your model failed on the hidden inputs: ${failure.message}${where}.${hint}`,
      platform,
    };
  }
  return { code: failure.code, message: `${failure.message}${where}${hint}`, platform };
}
