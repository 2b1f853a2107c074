import { and, desc, inArray, isNull, lt, or, sql } from "drizzle-orm";
import type { Db, Tx } from "../platform/database.ts";
import { notifications } from "./schema.ts";

/** Once per (kind, subject): a repeated event tells nobody twice. */
export async function insertNotification(db: Db | Tx, row: typeof notifications.$inferInsert): Promise<void> {
  await db.insert(notifications).values(row).onConflictDoNothing();
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
