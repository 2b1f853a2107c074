import { and, desc, inArray, isNull, lt, ne, or, sql } from "drizzle-orm";
import type { Db, Tx } from "../platform/database.ts";
import { mailDeliveries, notifications, webhookDeliveries } from "./schema.ts";

/** Once per (kind, subject): a repeated event tells nobody twice. @returns whether it is new */
export async function insertNotification(tx: Tx, row: typeof notifications.$inferInsert): Promise<boolean> {
  const inserted = await tx.insert(notifications).values(row).onConflictDoNothing().returning();
  return inserted.length === 1;
}

export function listNotifications(
  db: Db | Tx,
  teamIds: readonly string[],
  isAdmin: boolean,
  limit: number,
  before: string | undefined,
) {
  if (teamIds.length === 0 && !isAdmin) return [];
  return db
    .select()
    .from(notifications)
    .where(
      and(
        or(inArray(notifications.teamId, [...teamIds]), isAdmin ? isNull(notifications.teamId) : undefined),
        before ? lt(notifications.id, before) : sql`true`,
      ),
    )
    .orderBy(desc(notifications.id))
    .limit(limit);
}

/** What became of messages is of interest for a month. */
const DELIVERIES_KEPT_MS = 30 * 86_400_000;

/** Removes what became of messages that are done with for long. The notifications themselves stay. */
export async function forgetDeliveries(db: Db, now: Date): Promise<void> {
  const before = new Date(now.getTime() - DELIVERIES_KEPT_MS);
  for (const table of [mailDeliveries, webhookDeliveries])
    await db.delete(table).where(and(ne(table.state, "queued"), lt(table.createdAt, before)));
}
