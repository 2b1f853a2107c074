import type { Id } from "@podium/shared";
import { findSubmission, submissionIds } from "../../competitions/index.ts";
import type { Context } from "../../platform/context.ts";
import { emit } from "../../platform/outbox.ts";
import { findSession } from "../../sessions/index.ts";
import { readOrigin } from "./origin.ts";

/** The organizer's program has looked at a submission, or failed to: its score goes on from there. */
export async function programEnded(ctx: Context, sessionId: string): Promise<void> {
  const session = await findSession(ctx.db, { id: sessionId });
  const origin = session?.kind === "score" ? readOrigin(session.origin) : null;
  if (!origin) return;
  if (origin.type === "rejudging") {
    const rejudging_id = origin.rejudgingId as Id<"rejudging">;
    return ctx.db.transaction((tx) => emit(ctx, tx, { type: "rejudging.due", rejudging_id }));
  }
  const submission = await findSubmission(ctx.db, { id: origin.submissionId });
  if (submission?.state !== "scoring") return;
  await ctx.db.transaction((tx) =>
    emit(ctx, tx, { type: "submission.predicted", ...submissionIds(submission), turn: submission.priority }),
  );
}
