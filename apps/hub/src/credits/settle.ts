import type { Context } from "../platform/context.ts";
import type { Tx } from "../platform/database.ts";
import { book } from "./book.ts";
import { closeHold, lockHold } from "./store.ts";

/**
 * Ends a hold: `used` microcredits are spent (never more than were held), the rest goes back.
 * A second call changes nothing, so a repeated event is harmless.
 */
export async function settleHold(ctx: Context, tx: Tx, holdId: string, used: number): Promise<void> {
  const hold = await lockHold(tx, holdId);
  if (!hold || hold.state === "closed") return;
  const spent = Math.min(Math.max(0, used), hold.amount);
  const { teamId, memo } = hold;
  if (spent < hold.amount) {
    await book(ctx, tx, {
      kind: "release",
      teamId,
      from: "held",
      to: "available",
      amount: hold.amount - spent,
      memo,
      reference: `release:${holdId}`,
    });
  }
  // Free work is booked too: a team then sees what ran.
  if (spent > 0 || hold.amount === 0) {
    await book(ctx, tx, {
      kind: "settle",
      teamId,
      from: "held",
      to: "revenue",
      amount: spent,
      memo,
      reference: `settle:${holdId}`,
    });
  }
  await closeHold(tx, holdId, spent, ctx.clock.now());
}
