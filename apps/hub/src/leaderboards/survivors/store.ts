import { sortRows } from "@podium/shared/boards/rank";
import { and, count, eq, sql } from "drizzle-orm";
import { entrants } from "../../competitions/schema.ts";
import type { Db, Tx } from "../../platform/database.ts";
import { teams } from "../../teams/schema.ts";
import { leaderboardRows } from "../schema.ts";

/** A round's final board, best first. */
export async function finalStandings(db: Db | Tx, roundId: string) {
  const rows = await db
    .select({
      entrantId: leaderboardRows.entrantId,
      team: teams.slug,
      score: leaderboardRows.score,
      sortKeys: leaderboardRows.sortKeys,
      bestAt: leaderboardRows.bestAt,
    })
    .from(leaderboardRows)
    .innerJoin(entrants, eq(entrants.id, leaderboardRows.entrantId))
    .innerJoin(teams, eq(teams.id, entrants.teamId))
    .where(and(eq(leaderboardRows.roundId, roundId), eq(leaderboardRows.board, "private")));
  return sortRows(rows);
}

/** Entrants that are or were in a round and have no final score in it. */
export async function countUnscored(
  db: Db | Tx,
  competitionId: string,
  round: { id: string; number: number },
): Promise<number> {
  const scored = sql`exists (select 1 from ${leaderboardRows} where ${leaderboardRows.roundId} = ${round.id}
    and ${leaderboardRows.board} = 'private' and ${leaderboardRows.entrantId} = ${entrants.id})`;
  const [row] = await db
    .select({ n: count() })
    .from(entrants)
    .where(
      and(
        eq(entrants.competitionId, competitionId),
        sql`${entrants.state} in ('active', 'eliminated') and ${entrants.round} >= ${round.number}`,
        sql`not ${scored}`,
      ),
    );
  return row?.n ?? 0;
}
