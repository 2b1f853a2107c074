import { and, asc, eq, gt } from "drizzle-orm";
import { submissions } from "../../competitions/schema.ts";
import type { Db, Tx } from "../../platform/database.ts";
import { teams } from "../../teams/schema.ts";

/** A round's submissions with their teams, by id. */
export function submissionsOfRound(db: Db | Tx, roundId: string, limit: number, after = "") {
  return db
    .select({ submission: submissions, team: teams.slug })
    .from(submissions)
    .innerJoin(teams, eq(teams.id, submissions.teamId))
    .where(and(eq(submissions.roundId, roundId), gt(submissions.id, after)))
    .orderBy(asc(submissions.id))
    .limit(limit);
}
