import { and, eq, gte, isNotNull, isNull, lte, or, sql } from "drizzle-orm";
import { currentPrices } from "../../credits/index.ts";
import { creditAccounts } from "../../credits/schema.ts";
import type { Db, Tx } from "../../platform/database.ts";
import { endpointKeys, endpointKeyUsage, endpoints } from "../schema.ts";

export type KeyRow = typeof endpointKeys.$inferSelect;
/** Whose keys: one endpoint's, or a team's for all of its endpoints. */
export type KeyOwner = { endpointId: string } | { teamId: string };

const ownedBy = (owner: KeyOwner) =>
  "endpointId" in owner
    ? eq(endpointKeys.endpointId, owner.endpointId)
    : eq(endpointKeys.teamId, owner.teamId);

export async function insertKey(tx: Tx, row: typeof endpointKeys.$inferInsert): Promise<void> {
  await tx.insert(endpointKeys).values(row);
}

export async function deleteKey(tx: Tx, owner: KeyOwner, id: string): Promise<boolean> {
  const rows = await tx
    .delete(endpointKeys)
    .where(and(eq(endpointKeys.id, id), ownedBy(owner)))
    .returning();
  return rows.length === 1;
}

/** Locks a key: two rotations at once would lose a secret. */
export async function lockKey(tx: Tx, owner: KeyOwner, id: string): Promise<KeyRow | null> {
  const [row] = await tx
    .select()
    .from(endpointKeys)
    .where(and(eq(endpointKeys.id, id), ownedBy(owner)))
    .for("no key update");
  return row ?? null;
}

export async function updateKey(
  tx: Tx,
  id: string,
  set: Partial<typeof endpointKeys.$inferInsert>,
): Promise<void> {
  await tx.update(endpointKeys).set(set).where(eq(endpointKeys.id, id));
}

/** First day of the month of a day, both as YYYY-MM-DD. */
const monthOf = (day: string) => `${day.slice(0, 7)}-01`;

const used = (day: string) => ({
  today: sql<string>`coalesce(sum(${endpointKeyUsage.calls}) filter (where ${endpointKeyUsage.day} = ${day}), 0)`,
  month: sql<string>`coalesce(sum(${endpointKeyUsage.calls}), 0)`,
});

/** Newest first, with their calls. @param day of UTC, YYYY-MM-DD */
export function listKeys(db: Db | Tx, owner: KeyOwner, day: string) {
  return db
    .select({ key: endpointKeys, ...used(day) })
    .from(endpointKeys)
    .leftJoin(
      endpointKeyUsage,
      and(eq(endpointKeyUsage.keyId, endpointKeys.id), gte(endpointKeyUsage.day, monthOf(day))),
    )
    .where(ownedBy(owner))
    .groupBy(endpointKeys.id)
    .orderBy(sql`${endpointKeys.id} desc`);
}

/** Calls of the keys that have a quota. @param day of UTC, YYYY-MM-DD */
export function quotaUses(db: Db | Tx, day: string) {
  return db
    .select({ id: endpointKeys.id, ...used(day) })
    .from(endpointKeys)
    .leftJoin(
      endpointKeyUsage,
      and(eq(endpointKeyUsage.keyId, endpointKeys.id), gte(endpointKeyUsage.day, monthOf(day))),
    )
    .where(or(isNotNull(endpointKeys.callsPerDay), isNotNull(endpointKeys.callsPerMonth)))
    .groupBy(endpointKeys.id)
    .orderBy(endpointKeys.id);
}

/** Adds to a key's day; of a key that is gone nothing. @param at when the calls were made, at the latest */
export async function addKeyUsage(tx: Tx, keyId: string, at: Date, calls: number): Promise<void> {
  const known = await tx
    .update(endpointKeys)
    .set({ lastUsedAt: sql`greatest(${endpointKeys.lastUsedAt}, ${at.toISOString()}::timestamptz)` })
    .where(eq(endpointKeys.id, keyId))
    .returning({ id: endpointKeys.id });
  if (known.length === 0) return;
  await tx
    .insert(endpointKeyUsage)
    .values({ keyId, day: at.toISOString().slice(0, 10), calls })
    .onConflictDoUpdate({
      target: [endpointKeyUsage.keyId, endpointKeyUsage.day],
      set: { calls: sql`${endpointKeyUsage.calls} + ${calls}` },
    });
}

export async function firstEndpointOf(db: Db | Tx, teamId: string): Promise<string | null> {
  const [row] = await db
    .select({ id: endpoints.id })
    .from(endpoints)
    .where(eq(endpoints.teamId, teamId))
    .orderBy(endpoints.id)
    .limit(1);
  return row?.id ?? null;
}

/** Teams with endpoints and without anything to pay calls with; none while calls cost nothing. */
export async function teamsThatCannotPay(db: Db | Tx): Promise<Set<string>> {
  const { thousand_calls } = await currentPrices(db);
  if (thousand_calls === 0) return new Set();
  const rows = await db
    .selectDistinct({ teamId: endpoints.teamId })
    .from(endpoints)
    .leftJoin(
      creditAccounts,
      and(eq(creditAccounts.teamId, endpoints.teamId), eq(creditAccounts.kind, "available")),
    )
    .where(or(isNull(creditAccounts.id), lte(creditAccounts.balance, 0)));
  return new Set(rows.map(({ teamId }) => teamId));
}
