import type { Context } from "../platform/context.ts";
import type { Tx } from "../platform/database.ts";
import {
  type Account,
  type AccountKind,
  addToBalances,
  bookedOf,
  insertTransactions,
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

export type Outcome = "booked" | "insufficient" | "repeated";

/** Moves credit between two accounts; see `bookTogether`. */
export async function book(ctx: Context, tx: Tx, booking: Booking): Promise<Outcome> {
  const [outcome = "booked"] = await bookTogether(ctx, tx, [[booking]]);
  return outcome;
}

/**
 * Moves credit between accounts, each group of bookings as a whole or not at all, in the order given: the only writer of
 * the ledger. It first locks the accounts of all teams, always in the same order, so that a transaction may book several
 * times for a team without waiting for one that waits for it.
 * @returns of each group: `booked`, `insufficient` (an account would fall below zero) or `repeated` (a reference of it was
 * booked before)
 */
export async function bookTogether(
  ctx: Context,
  tx: Tx,
  groups: readonly (readonly Booking[])[],
): Promise<Outcome[]> {
  const all = groups.flat();
  for (const { amount } of all)
    if (!Number.isSafeInteger(amount) || amount < 0)
      throw new Error(`${amount} is no amount of microcredits.`);
  if (all.length === 0) return groups.map(() => "booked");

  const accounts = await lockAccounts(
    tx,
    all.map(({ teamId }) => teamId),
    () => ctx.ids.next("account"),
  );
  const seen = await bookedOf(
    tx,
    all.flatMap(({ reference }) => reference ?? []),
  );
  const changes = new Map<string, number>();
  const booked: Booking[] = [];
  const outcomes = groups.map((group): Outcome => {
    if (group.some(({ reference }) => reference !== null && seen.has(reference))) return "repeated";
    const after = new Map(changes);
    const touched = group.flatMap((booking) => legsOf(accounts, booking));
    for (const { account, amount } of touched) after.set(account.id, (after.get(account.id) ?? 0) + amount);
    if (touched.some(({ account }) => account.isOwn && account.balance + (after.get(account.id) ?? 0) < 0))
      return "insufficient";
    for (const [id, change] of after) changes.set(id, change);
    for (const { reference } of group) if (reference !== null) seen.add(reference);
    booked.push(...group);
    return "booked";
  });
  await write(ctx, tx, accounts, booked, changes);
  return outcomes;
}

type Accounts = Awaited<ReturnType<typeof lockAccounts>>;

function legsOf(accounts: Accounts, { teamId, from, to, amount }: Booking) {
  const of = (kind: AccountKind): Account => {
    const account = accounts.get(teamId)?.[kind];
    if (!account) throw new Error(`Team ${teamId} has no account called ${kind}.`);
    return account;
  };
  return [
    { account: of(from), amount: -amount },
    { account: of(to), amount },
  ];
}

async function write(
  ctx: Context,
  tx: Tx,
  accounts: Accounts,
  booked: readonly Booking[],
  changes: ReadonlyMap<string, number>,
): Promise<void> {
  if (booked.length === 0) return;
  const now = ctx.clock.now();
  const rows = booked.map((booking) => ({ id: ctx.ids.next("ledgerTransaction"), ...booking }));
  const entries = rows.flatMap(({ id, ...booking }) =>
    legsOf(accounts, booking).map((leg) => ({
      transactionId: id,
      accountId: leg.account.id,
      amount: leg.amount,
    })),
  );
  await insertTransactions(
    tx,
    rows.map(({ id, kind, teamId, reference, memo }) => ({
      id,
      kind,
      teamId,
      reference,
      memo,
      createdAt: now,
    })),
    entries,
  );
  // The platform's accounts keep no balance, or every booking would queue for their rows.
  const own = [...accounts.values()].flatMap((kinds) =>
    Object.values(kinds).filter((account) => account.isOwn),
  );
  await addToBalances(
    tx,
    own.flatMap(({ id }) => (changes.has(id) ? { id, amount: changes.get(id) ?? 0 } : [])),
  );
}
