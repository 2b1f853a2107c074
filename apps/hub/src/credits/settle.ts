import type { Context } from "../platform/context.ts";
import type { Tx } from "../platform/database.ts";
import { type Booking, bookTogether } from "./book.ts";
import { closeHolds, type HoldRow, lockHolds } from "./store.ts";

/**
 * Ends a hold: `used` microcredits are spent (never more than were held), the rest goes back.
 * A second call changes nothing, so a repeated event is harmless.
 */
export function settleHold(ctx: Context, tx: Tx, holdId: string, used: number): Promise<void> {
  return settleTogether(ctx, tx, [{ holdId, used }]);
}

/** The same of several holds. */
export async function settleTogether(
  ctx: Context,
  tx: Tx,
  uses: readonly { holdId: string; used: number }[],
): Promise<void> {
  if (uses.length === 0) return;
  const used = new Map(uses.map((use) => [use.holdId, use.used]));
  const open = (await lockHolds(tx, [...used.keys()])).filter(({ state }) => state === "open");
  if (open.length === 0) return;
  const settled = open.map((hold) => ({
    hold,
    spent: Math.min(Math.max(0, used.get(hold.id) ?? 0), hold.amount),
  }));
  await bookTogether(
    ctx,
    tx,
    settled.flatMap(({ hold, spent }) => bookingsOf(hold, spent).map((booking) => [booking])),
  );
  await closeHolds(
    tx,
    settled.map(({ hold, spent }) => ({ id: hold.id, spent })),
    ctx.clock.now(),
  );
}

function bookingsOf({ id, teamId, memo, amount }: HoldRow, spent: number): Booking[] {
  const what = { teamId, memo, from: "held" as const };
  const release: Booking[] =
    spent < amount
      ? [{ ...what, kind: "release", to: "available", amount: amount - spent, reference: `release:${id}` }]
      : [];
  // Free work is booked too: a team then sees what ran.
  const settle: Booking[] =
    spent > 0 || amount === 0
      ? [{ ...what, kind: "settle", to: "revenue", amount: spent, reference: `settle:${id}` }]
      : [];
  return [...release, ...settle];
}
