import { and, count, countDistinct, desc, eq, sql } from "drizzle-orm";
import { entrants, rounds, submissions } from "../../competitions/schema.ts";
import type { Db, Tx } from "../../platform/database.ts";
import { teams } from "../../teams/schema.ts";

const isModel = sql`not ${submissions.trial}`;

/** What each round's entrants submitted, trial runs left out; rounds in order, one without submissions with zeros. */
export function participation(db: Db | Tx, competitionId: string) {
  const each = db
    .select({
      roundId: submissions.roundId,
      models: count().as("models"),
      scored: sql<number>`count(*) filter (where ${submissions.state} = 'scored')`.as("scored"),
      failed: sql<number>`count(*) filter (where ${submissions.state} = 'failed')`.as("failed"),
    })
    .from(submissions)
    .where(and(eq(submissions.competitionId, competitionId), isModel))
    .groupBy(submissions.roundId, submissions.entrantId)
    .as("each");
  return db
    .select({
      round: rounds.name,
      entrants: sql<number>`count(${each.models})::int`,
      models: sql<number>`coalesce(sum(${each.models}), 0)::int`,
      scored: sql<number>`coalesce(sum(${each.scored}), 0)::int`,
      failed: sql<number>`coalesce(sum(${each.failed}), 0)::int`,
      mean: sql<number>`coalesce(avg(${each.models}), 0)::float8`,
      maximum: sql<number>`coalesce(max(${each.models}), 0)::int`,
      share_under_5: sql<number>`coalesce(avg(case when ${each.models} < 5 then 1 else 0 end)
        filter (where ${each.models} is not null), 0)::float8`,
    })
    .from(rounds)
    .leftJoin(each, eq(each.roundId, rounds.id))
    .where(eq(rounds.competitionId, competitionId))
    .groupBy(rounds.id)
    .orderBy(rounds.number);
}

/** How many people submitted to each round, by its name. */
export async function submitters(db: Db | Tx, competitionId: string): Promise<Map<string, number>> {
  const rows = await db
    .select({ round: rounds.name, users: countDistinct(submissions.submittedBy) })
    .from(submissions)
    .innerJoin(rounds, eq(rounds.id, submissions.roundId))
    .where(and(eq(submissions.competitionId, competitionId), isModel))
    .groupBy(rounds.name);
  return new Map(rows.map((row) => [row.round, row.users]));
}

/** Models and entrants of each day (UTC), the newest first. */
export function daysOf(db: Db | Tx, competitionId: string, limit: number) {
  const day = sql<string>`to_char(${submissions.submittedAt} at time zone 'UTC', 'YYYY-MM-DD')`;
  return db
    .select({
      day: day.as("day"),
      round: rounds.name,
      models: sql<number>`count(*)::int`,
      entrants: sql<number>`count(distinct ${submissions.entrantId})::int`,
    })
    .from(submissions)
    .innerJoin(rounds, eq(rounds.id, submissions.roundId))
    .where(and(eq(submissions.competitionId, competitionId), isModel))
    .groupBy(sql`1`, rounds.name, rounds.number)
    .orderBy(sql`1 desc`, desc(rounds.number))
    .limit(limit);
}

export function heaviest(db: Db | Tx, competitionId: string, limit: number) {
  return db
    .select({
      entrant: teams.slug,
      models: sql<number>`count(*)::int`,
      scored: sql<number>`(count(*) filter (where ${submissions.state} = 'scored'))::int`,
    })
    .from(submissions)
    .innerJoin(teams, eq(teams.id, submissions.teamId))
    .where(and(eq(submissions.competitionId, competitionId), isModel))
    .groupBy(teams.slug)
    .orderBy(sql`2 desc`, teams.slug)
    .limit(limit);
}

export async function countJoined(db: Db | Tx, competitionId: string): Promise<number> {
  const [row] = await db
    .select({ n: count() })
    .from(entrants)
    .where(eq(entrants.competitionId, competitionId));
  return row?.n ?? 0;
}
