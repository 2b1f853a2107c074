import type { Context } from "../platform/context.ts";
import type { Tx } from "../platform/database.ts";
import { book } from "./book.ts";
import { settleHold } from "./settle.ts";
import { lockHold, markRefunded, slicesOf } from "./store.ts";

/** Gives back all that a session cost, once: open holds are released, settled ones returned. */
export function refundSession(ctx: Context, tx: Tx, sessionId: string, memo: string): Promise<void> {
  return refund(ctx, tx, { sessionId }, memo);
}

/** Gives back what one attempt cost, once; what the session's other attempts cost stays. */
export function refundAttempt(ctx: Context, tx: Tx, attemptId: string, memo: string): Promise<void> {
  return refund(ctx, tx, { attemptId }, memo);
}

async function refund(
  ctx: Context,
  tx: Tx,
  what: { attemptId: string } | { sessionId: string },
  memo: string,
): Promise<void> {
  for (const slice of await slicesOf(tx, what)) {
    await settleHold(ctx, tx, slice.holdId, 0);
    const hold = await lockHold(tx, slice.holdId);
    const spent = hold?.settledAmount ?? 0;
    if (!hold || spent === 0 || hold.refundedAmount > 0) continue;
    const { teamId } = hold;
    await book(ctx, tx, {
      kind: "refund",
      teamId,
      from: "revenue",
      to: "available",
      amount: spent,
      memo,
      reference: `refund:${hold.id}`,
    });
    await markRefunded(tx, hold.id, spent);
  }
}
