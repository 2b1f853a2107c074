import type { Context } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { emit } from "../../platform/outbox.ts";
import { lockSubmission, updateSubmission } from "../store.ts";
import { ownSubmission } from "./select-submission.ts";
import { submissionIds } from "./submit.ts";

/** Writes an entrant's own words to its submission; empty ones take them away. @throws DomainError `not_found` */
export async function noteSubmission(
  ctx: Context,
  tx: Tx,
  input: { id: string; memo: string },
): Promise<void> {
  const { id } = await ownSubmission(ctx, tx, input.id);
  const submission = await lockSubmission(tx, id);
  if (!submission) throw new Error(`Submission ${id} is gone.`);
  await updateSubmission(tx, id, { memo: input.memo === "" ? null : input.memo });
  await emit(ctx, tx, { type: "submission.changed", ...submissionIds(submission) });
}
