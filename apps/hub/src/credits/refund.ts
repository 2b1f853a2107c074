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
    await refundTo(ctx, tx, slice.holdId, 0, memo);
  }
}

/** Gives back what a settled hold has cost beyond `due` microcredits; what was given back before counts. */
export async function refundTo(
  ctx: Context,
  tx: Tx,
  holdId: string,
  due: number,
  memo: string,
): Promise<void> {
  const hold = await lockHold(tx, holdId);
  if (!hold) return;
  const { teamId, refundedAmount: before } = hold;
  const amount = (hold.settledAmount ?? 0) - before - due;
  if (amount <= 0) return;
  const reference = before === 0 ? `refund:${hold.id}` : `refund:${hold.id}:${before}`;
  await book(ctx, tx, { kind: "refund", teamId, from: "revenue", to: "available", amount, memo, reference });
  await markRefunded(tx, hold.id, before + amount);
}
