import { and, count, eq, gt, inArray, isNull, lt, or, sql } from "drizzle-orm";
import { users } from "../../accounts/schema.ts";
import type { Db, Tx } from "../../platform/database.ts";
import { members } from "../../teams/schema.ts";
import { type DeliveryState, mailDeliveries, mailPreferences, notifications } from "../schema.ts";

export async function findNotification(db: Db | Tx, id: string) {
  const [row] = await db.select().from(notifications).where(eq(notifications.id, id));
  return row ?? null;
}

/** Who is to hear of it: the team's members, or the administrators, with what each wants by mail of this kind. */
export function audienceOf(db: Db | Tx, { teamId, kind }: typeof notifications.$inferSelect) {
  const wants = { userId: users.id, enabled: mailPreferences.enabled };
  const preference = and(eq(mailPreferences.userId, users.id), eq(mailPreferences.kind, kind));
  if (teamId === null)
    return db.select(wants).from(users).leftJoin(mailPreferences, preference).where(eq(users.role, "admin"));
  return db
    .select(wants)
    .from(members)
    .innerJoin(users, eq(users.id, members.userId))
    .leftJoin(mailPreferences, preference)
    .where(eq(members.organizationId, teamId));
}

export function preferencesOf(db: Db | Tx, userId: string) {
  return db.select().from(mailPreferences).where(eq(mailPreferences.userId, userId));
}

export async function upsertPreference(db: Db | Tx, row: typeof mailPreferences.$inferInsert): Promise<void> {
  await db
    .insert(mailPreferences)
    .values(row)
    .onConflictDoUpdate({
      target: [mailPreferences.userId, mailPreferences.kind],
      set: { enabled: row.enabled },
    });
}

/** @returns the users for whom it is new */
export async function insertDeliveries(
  tx: Tx,
  rows: readonly (typeof mailDeliveries.$inferInsert)[],
): Promise<string[]> {
  if (rows.length === 0) return [];
  const inserted = await tx
    .insert(mailDeliveries)
    .values([...rows])
    .onConflictDoNothing()
    .returning({ userId: mailDeliveries.userId });
  return inserted.map(({ userId }) => userId);
}

/** How much has been planned for each of these users since. */
export async function countSince(db: Db | Tx, userIds: readonly string[], since: Date) {
  if (userIds.length === 0) return new Map<string, number>();
  const rows = await db
    .select({ userId: mailDeliveries.userId, count: count() })
    .from(mailDeliveries)
    .where(and(inArray(mailDeliveries.userId, [...userIds]), gt(mailDeliveries.createdAt, since)))
    .groupBy(mailDeliveries.userId);
  return new Map(rows.map((row) => [row.userId, row.count]));
}

const isOf = (notificationId: string, userId: string) =>
  and(eq(mailDeliveries.notificationId, notificationId), eq(mailDeliveries.userId, userId));

export async function findDelivery(db: Db | Tx, notificationId: string, userId: string) {
  const [row] = await db
    .select({ delivery: mailDeliveries, notification: notifications, user: users })
    .from(mailDeliveries)
    .innerJoin(notifications, eq(notifications.id, mailDeliveries.notificationId))
    .innerJoin(users, eq(users.id, mailDeliveries.userId))
    .where(isOf(notificationId, userId));
  return row ?? null;
}

/** Takes a queued message until then. False: another worker has it, or it is done. */
export async function claimDelivery(
  db: Db | Tx,
  notificationId: string,
  userId: string,
  now: Date,
  until: Date,
): Promise<boolean> {
  const rows = await db
    .update(mailDeliveries)
    .set({ claimedUntil: until, tries: sql`${mailDeliveries.tries} + 1` })
    .where(
      and(
        isOf(notificationId, userId),
        eq(mailDeliveries.state, "queued"),
        or(isNull(mailDeliveries.claimedUntil), lt(mailDeliveries.claimedUntil, now)),
      ),
    )
    .returning({ userId: mailDeliveries.userId });
  return rows.length === 1;
}

export async function settleDelivery(
  db: Db | Tx,
  notificationId: string,
  userId: string,
  set: { state: DeliveryState; error: string | null; doneAt: Date | null },
): Promise<void> {
  await db
    .update(mailDeliveries)
    .set({ ...set, claimedUntil: null })
    .where(isOf(notificationId, userId));
}
