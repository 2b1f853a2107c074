import { and, desc, eq, lt } from "drizzle-orm";
import { users } from "../../accounts/schema.ts";
import type { Db, Tx } from "../../platform/database.ts";
import { competitionChanges } from "../schema.ts";

export async function insertChange(tx: Tx, row: typeof competitionChanges.$inferInsert): Promise<void> {
  await tx.insert(competitionChanges).values(row);
}

/** A contest's history, newest first, with who did it. */
export function listChanges(db: Db | Tx, competitionId: string, limit: number, before: string | undefined) {
  return db
    .select({ change: competitionChanges, actor: users.name })
    .from(competitionChanges)
    .leftJoin(users, eq(users.id, competitionChanges.actorId))
    .where(
      and(
        eq(competitionChanges.competitionId, competitionId),
        before ? lt(competitionChanges.id, before) : undefined,
      ),
    )
    .orderBy(desc(competitionChanges.id))
    .limit(limit);
}
