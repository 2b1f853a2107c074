import type { Id, Prices } from "@podium/shared";
import { and, desc, eq, gt, inArray, isNull, lt, sql } from "drizzle-orm";
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
  /** a team's, not the platform's */
  isOwn: boolean;
}

/**
 * The accounts that bookings for these teams may touch, by team, made when they are first needed. The teams' own are
 * locked until commit, team by team, `available` before `held`.
 */
export async function lockAccounts(
  tx: Tx,
  teamIds: readonly string[],
  newId: () => string,
): Promise<Map<string, Record<AccountKind, Account>>> {
  const teams = [...new Set(teamIds)];
  const { id, teamId, kind, balance } = creditAccounts;
  const columns = { id, teamId, kind, balance };
  const own = await tx
    .select(columns)
    .from(creditAccounts)
    .where(inArray(teamId, teams))
    .orderBy(teamId, kind)
    .for("no key update");
  const platform = await tx.select(columns).from(creditAccounts).where(isNull(teamId));
  const byTeam = Map.groupBy(own, (row) => row.teamId);
  const complete = new Map<string, Record<AccountKind, Account>>();
  const missing: (typeof creditAccounts.$inferInsert)[] = [];
  for (const team of teams) {
    const rows = [...(byTeam.get(team) ?? []), ...platform];
    const found = new Map(rows.map((row) => [row.kind, { ...row, isOwn: row.teamId !== null }]));
    const { available, held, grants, revenue } = Object.fromEntries(found);
    if (available && held && grants && revenue) complete.set(team, { available, held, grants, revenue });
    else missing.push(...missingOf(team, found).map((row) => ({ id: newId(), ...row })));
  }
  if (missing.length === 0) return complete;
  await tx.insert(creditAccounts).values(missing).onConflictDoNothing();
  return lockAccounts(tx, teams, newId);
}

function missingOf(teamId: string, found: ReadonlyMap<AccountKind, unknown>) {
  const wanted = [
    { kind: "available", teamId },
    { kind: "held", teamId },
    { kind: "grants", teamId: null },
    { kind: "revenue", teamId: null },
  ] as const;
  return wanted.filter(({ kind }) => !found.has(kind));
}

/** Adds to balances of teams' accounts, each at most once. */
export async function addToBalances(
  tx: Tx,
  changes: readonly { id: string; amount: number }[],
): Promise<void> {
  const ids = sql.param(changes.map(({ id }) => id));
  const amounts = sql.param(changes.map(({ amount }) => amount));
  await tx.execute(sql`update credit_accounts set balance = credit_accounts.balance + change.amount
    from unnest(${ids}::text[], ${amounts}::bigint[]) as change(id, amount) where credit_accounts.id = change.id`);
}

/** Those of these references that have been booked. */
export async function bookedOf(tx: Tx, references: readonly string[]): Promise<Set<string>> {
  if (references.length === 0) return new Set();
  const rows = await tx
    .select({ reference: ledgerTransactions.reference })
    .from(ledgerTransactions)
    .where(inArray(ledgerTransactions.reference, [...references]));
  return new Set(rows.flatMap(({ reference }) => reference ?? []));
}

export async function insertTransactions(
  tx: Tx,
  rows: readonly (typeof ledgerTransactions.$inferInsert)[],
  entries: readonly (typeof ledgerEntries.$inferInsert)[],
): Promise<void> {
  await tx.insert(ledgerTransactions).values([...rows]);
  await tx.insert(ledgerEntries).values([...entries]);
}

export async function insertHolds(
  tx: Tx,
  rows: readonly { id: string; teamId: string; amount: number; memo: string }[],
  now: Date,
): Promise<void> {
  if (rows.length === 0) return;
  await tx.insert(holds).values(rows.map((row) => ({ ...row, state: "open" as const, createdAt: now })));
}

export async function lockHold(tx: Tx, id: string): Promise<HoldRow | null> {
  const [row] = await tx.select().from(holds).where(eq(holds.id, id)).for("no key update");
  return row ?? null;
}

/** Always in the same order. */
export function lockHolds(tx: Tx, ids: readonly string[]): Promise<HoldRow[]> {
  return tx
    .select()
    .from(holds)
    .where(inArray(holds.id, [...ids]))
    .orderBy(holds.id)
    .for("no key update");
}

export async function closeHolds(
  tx: Tx,
  closed: readonly { id: string; spent: number }[],
  now: Date,
): Promise<void> {
  const ids = sql.param(closed.map(({ id }) => id));
  const spent = sql.param(closed.map((hold) => hold.spent));
  await tx.execute(sql`update holds set state = 'closed', settled_amount = closed.spent,
    closed_at = ${now.toISOString()}::timestamptz
    from unnest(${ids}::text[], ${spent}::bigint[]) as closed(id, spent) where holds.id = closed.id`);
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

export async function insertSlices(
  tx: Tx,
  slices: readonly (typeof usageSlices.$inferInsert)[],
): Promise<void> {
  if (slices.length > 0) await tx.insert(usageSlices).values([...slices]);
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

/** Slices of these attempts that are not settled yet: few, however long they have run. */
export async function openSlicesOf(db: Db | Tx, attemptIds: readonly string[]) {
  const rows = await db
    .select({ slice: usageSlices })
    .from(usageSlices)
    .innerJoin(holds, eq(holds.id, usageSlices.holdId))
    .where(and(eq(holds.state, "open"), inArray(usageSlices.attemptId, [...attemptIds])))
    .orderBy(usageSlices.attemptId, usageSlices.slice);
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
