import { and, eq, lte } from "drizzle-orm";
import type { Db, Tx } from "../../platform/database.ts";
import { sessions } from "../schema.ts";

/** Sessions that are to be tried again by now; the longest overdue first. */
export function dueRetries(db: Db | Tx, now: Date) {
  return db
    .select({ id: sessions.id })
    .from(sessions)
    .where(and(eq(sessions.state, "retrying"), lte(sessions.retryAt, now)))
    .orderBy(sessions.retryAt)
    .limit(100);
}
