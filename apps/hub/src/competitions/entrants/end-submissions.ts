import type { Context } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { lockSubmission } from "../store.ts";
import { failSubmission, type SubmissionFault } from "../submissions/fail.ts";
import { stopUnlessEnding } from "../submissions/stop-unless-ending.ts";
import { underWayOf } from "./store.ts";

/**
 * Ends all that an entrant has under way: its sessions are stopped, its submissions fail with these words. The entrant
 * is locked, so that nothing is added. First all locks, then what touches credit: everybody takes them in this order.
 */
export async function endSubmissions(
  ctx: Context,
  tx: Tx,
  entrantId: string,
  fault: SubmissionFault,
): Promise<void> {
  const sessions: string[] = [];
  const ids = (await underWayOf(tx, entrantId)).map(({ id }) => id);
  for (const id of ids) {
    const submission = await lockSubmission(tx, id);
    for (const session of [submission?.inferSessionId, submission?.scoreSessionId])
      if (session) sessions.push(session);
  }
  for (const id of sessions.sort()) await stopUnlessEnding(ctx, tx, id, fault.message);
  for (const id of ids) await failSubmission(ctx, tx, id, fault);
}
