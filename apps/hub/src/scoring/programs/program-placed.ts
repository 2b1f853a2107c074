import { findSubmission, submissionIds } from "../../competitions/index.ts";
import type { Context } from "../../platform/context.ts";
import { emit } from "../../platform/outbox.ts";
import { findSession } from "../../sessions/index.ts";
import { readOrigin } from "./origin.ts";

/** Says that an organizer's program was given a node for a submission, or waits for one again; of others nothing. */
export async function programPlaced(ctx: Context, sessionId: string): Promise<void> {
  const session = await findSession(ctx.db, { id: sessionId });
  const origin = session?.kind === "score" ? readOrigin(session.origin) : null;
  if (origin?.type !== "live") return;
  const submission = await findSubmission(ctx.db, { id: origin.submissionId });
  if (submission?.state !== "scoring") return;
  await emit(ctx, ctx.db, { type: "submission.changed", ...submissionIds(submission) });
}
