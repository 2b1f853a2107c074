import type { BoardName } from "@podium/shared";
import { and, asc, desc, eq, inArray, sql } from "drizzle-orm";
import { competitions, rounds, submissions } from "../../competitions/schema.ts";
import type { Db, Tx } from "../../platform/database.ts";
import { scores } from "../../scoring/schema.ts";
import { boards, leaderboardRows } from "../schema.ts";
import { nextVersion } from "../store.ts";
import type { RankInterval } from "./bootstrap.ts";

/** Rounds that show intervals and whose boards have changed since theirs were worked out. */
export async function roundsWithoutIntervals(db: Db): Promise<string[]> {
  const newest = sql`(select max(${leaderboardRows.version}) from ${leaderboardRows}
    where ${leaderboardRows.roundId} = ${rounds.id} and ${leaderboardRows.rankLow} is not null)`;
  const rows = await db
    .select({ id: rounds.id })
    .from(rounds)
    .innerJoin(competitions, eq(competitions.id, rounds.competitionId))
    .innerJoin(boards, eq(boards.roundId, rounds.id))
    .where(
      and(
        sql`${competitions.definition}->'leaderboard'->>'intervals' = 'true'`,
        inArray(rounds.state, ["open", "closing", "closed"]),
        sql`${boards.version} > coalesce(${newest}, 0)`,
      ),
    )
    .orderBy(asc(rounds.id));
  return rows.map(({ id }) => id);
}

/** A board's first rows, best first, with the losses of the submissions that they show. */
export function rowsWithLosses(db: Db, roundId: string, board: BoardName, limit: number) {
  const applied = db
    .selectDistinctOn([scores.submissionId], {
      submissionId: scores.submissionId,
      lossesTree: scores.lossesTree,
    })
    .from(scores)
    .innerJoin(submissions, eq(submissions.id, scores.submissionId))
    // Another judgement that was not applied has another score.
    .where(and(eq(submissions.roundId, roundId), eq(scores.score, submissions.score)))
    .orderBy(scores.submissionId, desc(scores.createdAt))
    .as("applied");
  return db
    .select({ entrantId: leaderboardRows.entrantId, lossesTree: applied.lossesTree })
    .from(leaderboardRows)
    .innerJoin(applied, eq(applied.submissionId, leaderboardRows.bestSubmissionId))
    .where(and(eq(leaderboardRows.roundId, roundId), eq(leaderboardRows.board, board)))
    .orderBy(leaderboardRows.sortKeys, leaderboardRows.bestAt, leaderboardRows.entrantId)
    .limit(limit);
}

/** Stores a board's intervals; whoever is not among them has none (any more). */
export async function writeIntervals(
  tx: Tx,
  roundId: string,
  board: BoardName,
  found: ReadonlyMap<string, RankInterval>,
): Promise<void> {
  const version = await nextVersion(tx, roundId, false);
  const ofBoard = and(eq(leaderboardRows.roundId, roundId), eq(leaderboardRows.board, board));
  await tx
    .update(leaderboardRows)
    .set({ rankLow: null, rankHigh: null, chance: null, version })
    .where(ofBoard);
  for (const [entrantId, { low, high, chance }] of found)
    await tx
      .update(leaderboardRows)
      .set({ rankLow: low, rankHigh: high, chance })
      .where(and(ofBoard, eq(leaderboardRows.entrantId, entrantId)));
}
