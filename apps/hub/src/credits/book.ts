import type { Context } from "../platform/context.ts";
import type { Tx } from "../platform/database.ts";
import {
  type AccountKind,
  accountId,
  addToBalance,
  insertTransaction,
  type TransactionKind,
} from "./store.ts";

export interface Booking {
  kind: TransactionKind;
  teamId: string;
  from: AccountKind;
  to: AccountKind;
  /** microcredits, ≥ 0 */
  amount: number;
  memo: string;
  /** unique name of the cause, so that it is booked once; null where the caller's own row already says so */
  reference: string | null;
}

/**
 * Moves credit between two accounts: the only writer of the ledger. Accounts are touched in the order
 * available, held, grants, revenue, so that two bookings of a team can't wait for one another.
 * @returns `booked`, `insufficient` (the source would fall below zero) or `repeated` (the reference was booked before)
 */
export async function book(
  ctx: Context,
  tx: Tx,
  booking: Booking,
): Promise<"booked" | "insufficient" | "repeated"> {
  const owner = (kind: AccountKind) => (kind === "available" || kind === "held" ? booking.teamId : null);
  const legs: { kind: AccountKind; amount: number }[] = [
    { kind: booking.from, amount: -booking.amount },
    { kind: booking.to, amount: booking.amount },
  ];
  const order: AccountKind[] = ["available", "held", "grants", "revenue"];
  legs.sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind));

  const entries: { accountId: string; amount: number }[] = [];
  for (const { kind, amount } of legs) {
    entries.push({
      accountId: await accountId(tx, () => ctx.ids.next("account"), kind, owner(kind)),
      amount,
    });
  }
  const { kind, teamId, memo, reference } = booking;
  const row = { id: ctx.ids.next("ledgerTransaction"), kind, teamId, memo, reference, now: ctx.clock.now() };

  // The savepoint takes the transaction row back when the balance does not suffice.
  try {
    return await tx.transaction(async (savepoint) => {
      if (!(await insertTransaction(savepoint, row, entries))) return "repeated" as const;
      for (const { accountId: id, amount } of entries) {
        if (!(await addToBalance(savepoint, id, amount))) throw new Insufficient();
      }
      return "booked" as const;
    });
  } catch (error) {
    if (error instanceof Insufficient) return "insufficient";
    throw error;
  }
}

class Insufficient extends Error {}
