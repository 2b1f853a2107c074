import { eq } from "drizzle-orm";
import type { Db, Tx } from "../../platform/database.ts";
import { sessions } from "../schema.ts";

/** Sessions that wait to be tried again, the most overdue first. */
export function listRetrying(db: Db | Tx) {
  return db
    .select({ id: sessions.id, retryAt: sessions.retryAt })
    .from(sessions)
    .where(eq(sessions.state, "retrying"))
    .orderBy(sessions.retryAt);
}
