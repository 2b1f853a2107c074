import { and, asc, desc, eq, or, sql } from "drizzle-orm";
import { entrants, submissions } from "../../competitions/schema.ts";
import type { Db, Tx } from "../../platform/database.ts";
import { teams } from "../../teams/schema.ts";

/** An entrant of a competition, by its id or its team's name. */
export async function findEntrantByRef(db: Db | Tx, competitionId: string, reference: string) {
  const [row] = await db
    .select({ id: entrants.id, teamId: entrants.teamId, team: teams.slug })
    .from(entrants)
    .innerJoin(teams, eq(teams.id, entrants.teamId))
    .where(
      and(
        eq(entrants.competitionId, competitionId),
        or(eq(entrants.id, reference), eq(teams.slug, reference)),
      ),
    );
  return row ?? null;
}

/** An entrant's newest submissions of a round, the newest first. */
export function submissionsOf(db: Db | Tx, roundId: string, entrantId: string, limit: number) {
  return db
    .select({
      id: submissions.id,
      number: submissions.number,
      kind: submissions.kind,
      state: submissions.state,
      trial: submissions.trial,
      selected: submissions.selected,
      submittedAt: submissions.submittedAt,
      endedAt: submissions.endedAt,
      score: submissions.score,
      columns: submissions.columns,
    })
    .from(submissions)
    .where(and(eq(submissions.roundId, roundId), eq(submissions.entrantId, entrantId)))
    .orderBy(desc(submissions.submittedAt), desc(submissions.id))
    .limit(limit);
}

/** Scored submissions of who is on a round's boards, in the order in which they were scored. */
export function heardOf(db: Db | Tx, roundId: string, limit: number) {
  return db
    .select({
      id: submissions.id,
      entrantId: submissions.entrantId,
      submittedAt: submissions.submittedAt,
      score: sql<number>`${submissions.score}`,
      columns: submissions.columns,
    })
    .from(submissions)
    .innerJoin(entrants, eq(entrants.id, submissions.entrantId))
    .where(
      and(
        eq(submissions.roundId, roundId),
        sql`${submissions.state} = 'scored' and not ${submissions.trial}`,
        sql`${entrants.state} in ('active', 'eliminated')`,
      ),
    )
    .orderBy(asc(submissions.endedAt), asc(submissions.id))
    .limit(limit);
}
