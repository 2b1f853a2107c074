import { and, desc, eq, lt } from "drizzle-orm";
import { users } from "../../accounts/schema.ts";
import type { Db, Tx } from "../../platform/database.ts";
import { competitionChanges, competitions, rounds } from "../schema.ts";

export async function insertChange(tx: Tx, row: typeof competitionChanges.$inferInsert): Promise<void> {
  await tx.insert(competitionChanges).values(row);
}

/** A line of a contest's history, with what it is about. */
export async function findChange(db: Db | Tx, id: string) {
  const [row] = await db
    .select({ change: competitionChanges, competition: competitions.name, round: rounds.name })
    .from(competitionChanges)
    .innerJoin(competitions, eq(competitions.id, competitionChanges.competitionId))
    .leftJoin(rounds, eq(rounds.id, competitionChanges.roundId))
    .where(eq(competitionChanges.id, id));
  return row ?? null;
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
