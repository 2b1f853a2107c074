import { and, eq, gt, inArray, or } from "drizzle-orm";
import { rounds } from "../competitions/schema.ts";
import type { Db } from "../platform/database.ts";

/** Rounds that are open or closing, and those that closed after `since`. */
export function roundsToVerify(db: Db, since: Date) {
  return db
    .select()
    .from(rounds)
    .where(
      or(
        inArray(rounds.state, ["open", "closing"]),
        and(eq(rounds.state, "closed"), gt(rounds.closedAt, since)),
      ),
    )
    .orderBy(rounds.id);
}
