import type { Id, Prices } from "@podium/shared";
import { and, desc, eq, gt, inArray, isNotNull, isNull, lt, sql } from "drizzle-orm";
import type { Db, Tx } from "../platform/database.ts";
import { teams } from "../teams/schema.ts";
import {
  creditAccounts,
  holds,
  ledgerEntries,
  ledgerTransactions,
  priceLists,
  usageSlices,
} from "./schema.ts";

export type AccountKind = (typeof creditAccounts.$inferSelect)["kind"];
export type HoldRow = typeof holds.$inferSelect;
export type TransactionKind = (typeof ledgerTransactions.$inferSelect)["kind"];

export interface Account {
  id: string;
  /** microcredits; always 0 for the platform's own accounts */
  balance: number;
}

/**
 * The accounts that a booking for a team may touch, made when they are first needed. The team's own are locked until
 * commit, `available` before `held`.
 */
export async function lockAccounts(
  tx: Tx,
  teamId: string,
  newId: () => string,
): Promise<Record<AccountKind, Account>> {
  const columns = { id: creditAccounts.id, kind: creditAccounts.kind, balance: creditAccounts.balance };
  const own = await tx
    .select(columns)
    .from(creditAccounts)
    .where(eq(creditAccounts.teamId, teamId))
    .orderBy(creditAccounts.kind)
    .for("no key update");
  const platform = await tx.select(columns).from(creditAccounts).where(isNull(creditAccounts.teamId));
  const found = new Map([...own, ...platform].map((row) => [row.kind, row]));
  const { available, held, grants, revenue } = Object.fromEntries(found);
  if (available && held && grants && revenue) return { available, held, grants, revenue };

  const wanted = [
    { kind: "available", teamId },
    { kind: "held", teamId },
    { kind: "grants", teamId: null },
    { kind: "revenue", teamId: null },
  ] as const;
  const missing = wanted.filter(({ kind }) => !found.has(kind)).map((row) => ({ id: newId(), ...row }));
  await tx.insert(creditAccounts).values(missing).onConflictDoNothing();
  return lockAccounts(tx, teamId, newId);
}

/** Adds to the balance of a team's account; the platform's keep none, or every booking would queue for that row. */
export async function addToBalance(tx: Tx, id: string, amount: number): Promise<void> {
  await tx
    .update(creditAccounts)
    .set({ balance: sql`${creditAccounts.balance} + ${amount}` })
    .where(and(eq(creditAccounts.id, id), isNotNull(creditAccounts.teamId)));
}

export async function isBooked(tx: Tx, reference: string): Promise<boolean> {
  const rows = await tx
    .select({ id: ledgerTransactions.id })
    .from(ledgerTransactions)
    .where(eq(ledgerTransactions.reference, reference));
  return rows.length > 0;
}

export async function insertTransaction(
  tx: Tx,
  row: {
    id: string;
    kind: TransactionKind;
    teamId: string;
    reference: string | null;
    memo: string;
    now: Date;
  },
  entries: readonly { accountId: string; amount: number }[],
): Promise<void> {
  const { now, ...rest } = row;
  await tx.insert(ledgerTransactions).values({ ...rest, createdAt: now });
  await tx.insert(ledgerEntries).values(entries.map((entry) => ({ transactionId: row.id, ...entry })));
}

export async function insertHold(
  tx: Tx,
  hold: { id: string; teamId: string; amount: number; memo: string; now: Date },
): Promise<void> {
  const { now, ...rest } = hold;
  await tx.insert(holds).values({ ...rest, state: "open", createdAt: now });
}

export async function lockHold(tx: Tx, id: string): Promise<HoldRow | null> {
  const [row] = await tx.select().from(holds).where(eq(holds.id, id)).for("no key update");
  return row ?? null;
}

export async function closeHold(tx: Tx, id: string, settledAmount: number, now: Date): Promise<void> {
  await tx.update(holds).set({ state: "closed", settledAmount, closedAt: now }).where(eq(holds.id, id));
}

export async function markRefunded(tx: Tx, id: string, amount: number): Promise<void> {
  await tx.update(holds).set({ refundedAmount: amount }).where(eq(holds.id, id));
}

export async function balances(db: Db | Tx, teamIds: readonly string[] | null) {
  const refunds = sql<number>`coalesce((select sum(h.settled_amount - h.refunded_amount) from holds h where h.team_id = teams.id), 0)::bigint`;
  const usage = sql<number>`coalesce((select -sum(e.amount) from ledger_entries e join ledger_transactions t on t.id = e.transaction_id
    join credit_accounts a on a.id = e.account_id where t.team_id = teams.id and t.kind = 'usage' and a.kind = 'available'), 0)::bigint`;
  const of = (kind: AccountKind) =>
    sql<string>`coalesce((select balance from credit_accounts a where a.team_id = teams.id and a.kind = ${kind}), 0)`;
  const rows = await db
    .select({
      id: teams.id,
      team: teams.slug,
      available: of("available"),
      held: of("held"),
      settled: refunds,
      usage,
    })
    .from(teams)
    .where(teamIds === null ? undefined : inArray(teams.id, [...teamIds]))
    .orderBy(teams.slug);
  return rows.map(({ id, team, ...amounts }) => ({
    id,
    team,
    available: Number(amounts.available),
    held: Number(amounts.held),
    spent: Number(amounts.settled) + Number(amounts.usage),
  }));
}

/** Sum of every entry there is; anything but 0 means a broken ledger. */
export async function ledgerSum(db: Db | Tx): Promise<number> {
  const [row] = await db
    .select({ sum: sql<string>`coalesce(sum(${ledgerEntries.amount}), 0)` })
    .from(ledgerEntries);
  return Number(row?.sum ?? 0);
}

/** A team's entries on its own accounts, newest first. */
export function listEntries(db: Db | Tx, teamId: Id<"team">, limit: number, before: string | undefined) {
  return db
    .select({
      transaction_id: ledgerTransactions.id,
      kind: ledgerTransactions.kind,
      account: creditAccounts.kind,
      amount: ledgerEntries.amount,
      memo: ledgerTransactions.memo,
      created_at: ledgerTransactions.createdAt,
      key: sql<string>`${ledgerTransactions.id} || '.' || ${creditAccounts.kind}`,
    })
    .from(ledgerEntries)
    .innerJoin(ledgerTransactions, eq(ledgerTransactions.id, ledgerEntries.transactionId))
    .innerJoin(creditAccounts, eq(creditAccounts.id, ledgerEntries.accountId))
    .where(
      and(
        eq(creditAccounts.teamId, teamId),
        before ? lt(sql`${ledgerTransactions.id} || '.' || ${creditAccounts.kind}`, before) : undefined,
      ),
    )
    .orderBy(desc(sql`${ledgerTransactions.id} || '.' || ${creditAccounts.kind}`))
    .limit(limit);
}

export async function latestPrices(db: Db | Tx): Promise<Prices | null> {
  const [row] = await db.select().from(priceLists).orderBy(desc(priceLists.id)).limit(1);
  return row?.prices ?? null;
}

export async function insertPrices(
  tx: Db | Tx,
  prices: Prices,
  setBy: string | null,
  now: Date,
): Promise<void> {
  await tx.insert(priceLists).values({ prices, setBy, createdAt: now });
}

/** False when this slice of the attempt is reserved already. */
export async function insertSlice(tx: Tx, slice: typeof usageSlices.$inferInsert): Promise<boolean> {
  return (await tx.insert(usageSlices).values(slice).onConflictDoNothing().returning()).length === 1;
}

export function slicesOf(db: Db | Tx, by: { attemptId: string } | { sessionId: string }) {
  return db
    .select()
    .from(usageSlices)
    .where(
      "attemptId" in by ? eq(usageSlices.attemptId, by.attemptId) : eq(usageSlices.sessionId, by.sessionId),
    )
    .orderBy(usageSlices.slice);
}

export async function hasSlice(db: Db | Tx, attemptId: string, slice: number): Promise<boolean> {
  const rows = await db
    .select({ slice: usageSlices.slice })
    .from(usageSlices)
    .where(and(eq(usageSlices.attemptId, attemptId), eq(usageSlices.slice, slice)));
  return rows.length > 0;
}

/** Slices of an attempt that are not settled yet: few, however long it has run. */
export async function openSlicesOf(db: Db | Tx, attemptId: string) {
  const rows = await db
    .select({ slice: usageSlices })
    .from(usageSlices)
    .innerJoin(holds, eq(holds.id, usageSlices.holdId))
    .where(and(eq(usageSlices.attemptId, attemptId), eq(holds.state, "open")))
    .orderBy(usageSlices.slice);
  return rows.map((row) => row.slice);
}

/** Slices of an attempt that were settled, and end after `until`: none, as a rule. */
export async function slicesSettledBeyond(db: Db | Tx, attemptId: string, until: Date) {
  const rows = await db
    .select({ slice: usageSlices })
    .from(usageSlices)
    .innerJoin(holds, eq(holds.id, usageSlices.holdId))
    .where(
      and(eq(usageSlices.attemptId, attemptId), gt(usageSlices.endsAt, until), eq(holds.state, "closed")),
    )
    .orderBy(usageSlices.slice);
  return rows.map((row) => row.slice);
}

/** Moves slice 0 of an attempt to the time at which it really began. */
export async function moveFirstSlice(tx: Tx, attemptId: string, startsAt: Date, endsAt: Date): Promise<void> {
  await tx
    .update(usageSlices)
    .set({ startsAt, endsAt })
    .where(and(eq(usageSlices.attemptId, attemptId), eq(usageSlices.slice, 0)));
}

/** What sessions have cost so far, microcredits: settled and not given back, and what is held for them. */
export async function costOfSessions(db: Db | Tx, sessionIds: readonly string[]): Promise<number> {
  if (sessionIds.length === 0) return 0;
  const cost = sql<string>`coalesce(sum(case ${holds.state} when 'open' then ${holds.amount}
    else ${holds.settledAmount} - ${holds.refundedAmount} end), 0)`;
  const [row] = await db
    .select({ cost })
    .from(usageSlices)
    .innerJoin(holds, eq(holds.id, usageSlices.holdId))
    .where(inArray(usageSlices.sessionId, [...sessionIds]));
  return Number(row?.cost ?? 0);
}
