import type { Id } from "@podium/shared";
import { and, asc, desc, eq, sql } from "drizzle-orm";
import { entrants, submissions } from "../competitions/schema.ts";
import type { Db, Tx } from "../platform/database.ts";
import { teams } from "../teams/schema.ts";
import { leaderboardRows } from "./schema.ts";

export type Order = "ascending" | "descending";

/** One entrant's standing, as the submissions alone give it. */
export interface Standing {
  entrantId: string;
  score: number;
  submissions: number;
  bestSubmissionId: string;
  bestAt: Date;
}

/** Best scored submission of each entrant of a round (the earliest of equals), from submissions alone. */
export async function standings(
  db: Db | Tx,
  roundId: string,
  order: Order,
  entrantId?: string,
): Promise<Standing[]> {
  const best = order === "ascending" ? asc(submissions.score) : desc(submissions.score);
  const scored = and(
    eq(submissions.roundId, roundId),
    eq(submissions.state, "scored"),
    eq(submissions.trial, false),
    entrantId ? eq(submissions.entrantId, entrantId) : undefined,
  );
  const rows = await db
    .selectDistinctOn([submissions.entrantId], {
      entrantId: submissions.entrantId,
      score: sql<number>`${submissions.score}`,
      bestSubmissionId: submissions.id,
      bestAt: submissions.submittedAt,
      submissions: sql<number>`count(*) over (partition by ${submissions.entrantId})::int`,
    })
    .from(submissions)
    .where(scored)
    .orderBy(submissions.entrantId, best, asc(submissions.submittedAt), asc(submissions.id));
  return rows;
}

export async function writeStanding(tx: Tx, roundId: string, standing: Standing): Promise<void> {
  const { entrantId, ...values } = standing;
  await tx
    .insert(leaderboardRows)
    .values({ roundId, entrantId, ...values })
    .onConflictDoUpdate({
      target: [leaderboardRows.roundId, leaderboardRows.board, leaderboardRows.entrantId],
      set: values,
    });
}

export async function markSurvivors(tx: Tx, roundId: string, survivors: readonly string[]): Promise<void> {
  await tx
    .update(leaderboardRows)
    .set({ survives: sql`${leaderboardRows.entrantId} = any(${sql.param([...survivors])}::text[])` })
    .where(eq(leaderboardRows.roundId, roundId));
}

/** Serializes the updates of one entrant's row until the transaction ends. */
export async function lockStanding(tx: Tx, entrantId: string): Promise<void> {
  await tx.select({ id: entrants.id }).from(entrants).where(eq(entrants.id, entrantId)).for("no key update");
}

/** A page of the board; equal scores share a rank, and among them the earlier submission is shown first. */
export function readBoard(db: Db | Tx, roundId: string, order: Order, limit: number, offset: number) {
  const direction = order === "ascending" ? sql`asc` : sql`desc`;
  return db
    .select({
      rank: sql<number>`(rank() over (order by ${leaderboardRows.score} ${direction}))::int`,
      entrant: teams.slug,
      score: leaderboardRows.score,
      submissions: leaderboardRows.submissions,
      best_submission_id: sql<Id<"submission">>`${leaderboardRows.bestSubmissionId}`,
      best_at: leaderboardRows.bestAt,
      survives: leaderboardRows.survives,
    })
    .from(leaderboardRows)
    .innerJoin(entrants, eq(entrants.id, leaderboardRows.entrantId))
    .innerJoin(teams, eq(teams.id, entrants.teamId))
    .where(eq(leaderboardRows.roundId, roundId))
    .orderBy(sql`${leaderboardRows.score} ${direction}`, leaderboardRows.bestAt, leaderboardRows.entrantId)
    .limit(limit)
    .offset(offset);
}

export async function teamNames(db: Db | Tx, roundCompetitionId: string): Promise<Map<string, string>> {
  const rows = await db
    .select({ id: entrants.id, slug: teams.slug })
    .from(entrants)
    .innerJoin(teams, eq(teams.id, entrants.teamId))
    .where(eq(entrants.competitionId, roundCompetitionId));
  return new Map(rows.map((row) => [row.id, row.slug]));
}
