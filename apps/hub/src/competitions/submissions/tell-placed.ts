import type { Context } from "../../platform/context.ts";
import { emit } from "../../platform/outbox.ts";
import { findSubmission } from "../store.ts";
import { submissionIds } from "./submit.ts";

/** Says that a submission's inference was placed, began, or waits again; other sessions are passed over. */
export async function tellPlaced(ctx: Context, sessionId: string): Promise<void> {
  const submission = await findSubmission(ctx.db, { inferSessionId: sessionId });
  if (submission?.state !== "inferring") return;
  await emit(ctx, ctx.db, { type: "submission.changed", ...submissionIds(submission) });
}
