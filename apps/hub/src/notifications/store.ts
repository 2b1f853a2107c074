import { and, desc, inArray, lt, sql } from "drizzle-orm";
import type { Db, Tx } from "../platform/database.ts";
import { notifications } from "./schema.ts";

/** Once per (kind, subject): a repeated event tells nobody twice. */
export async function insertNotification(db: Db | Tx, row: typeof notifications.$inferInsert): Promise<void> {
  await db.insert(notifications).values(row).onConflictDoNothing();
}

export function listNotifications(
  db: Db | Tx,
  teamIds: readonly string[],
  limit: number,
  before: string | undefined,
) {
  if (teamIds.length === 0) return [];
  return db
    .select()
    .from(notifications)
    .where(
      and(inArray(notifications.teamId, [...teamIds]), before ? lt(notifications.id, before) : sql`true`),
    )
    .orderBy(desc(notifications.id))
    .limit(limit);
}
