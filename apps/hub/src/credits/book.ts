import type { Context } from "../platform/context.ts";
import type { Tx } from "../platform/database.ts";
import {
  type AccountKind,
  addToBalance,
  insertTransaction,
  isBooked,
  lockAccounts,
  type TransactionKind,
} from "./store.ts";

export interface Booking {
  kind: TransactionKind;
  teamId: string;
  from: AccountKind;
  to: AccountKind;
  /** microcredits, a whole number ≥ 0 */
  amount: number;
  memo: string;
  /** unique name of the cause, so that it is booked once; null where the caller's own row already says so */
  reference: string | null;
}

/**
 * Moves credit between two accounts: the only writer of the ledger. It first locks both accounts of the team, always
 * in the same order, so that a transaction may book several times for a team without waiting for one that waits for it.
 * @returns `booked`, `insufficient` (the source would fall below zero) or `repeated` (the reference was booked before)
 */
export async function book(
  ctx: Context,
  tx: Tx,
  booking: Booking,
): Promise<"booked" | "insufficient" | "repeated"> {
  const { kind, teamId, from, to, amount, memo, reference } = booking;
  if (!Number.isSafeInteger(amount) || amount < 0) throw new Error(`${amount} is no amount of microcredits.`);

  const accounts = await lockAccounts(tx, teamId, () => ctx.ids.next("account"));
  if (reference !== null && (await isBooked(tx, reference))) return "repeated";
  if (from !== "grants" && from !== "revenue" && accounts[from].balance < amount) return "insufficient";

  const legs = [
    { account: accounts[from], amount: -amount },
    { account: accounts[to], amount },
  ];
  await insertTransaction(
    tx,
    { id: ctx.ids.next("ledgerTransaction"), kind, teamId, memo, reference, now: ctx.clock.now() },
    legs.map((leg) => ({ accountId: leg.account.id, amount: leg.amount })),
  );
  for (const leg of legs) await addToBalance(tx, leg.account.id, leg.amount);
  return "booked";
}
