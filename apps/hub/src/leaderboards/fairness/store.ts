import type { FindingVerdict } from "@podium/shared";
import { and, asc, desc, eq, gt, ne, sql } from "drizzle-orm";
import { submissions } from "../../competitions/schema.ts";
import type { Db, Tx } from "../../platform/database.ts";
import { scores } from "../../scoring/schema.ts";
import { teams } from "../../teams/schema.ts";
import { findings, leaderboardRows } from "../schema.ts";

export type FindingRow = typeof findings.$inferSelect;

const COUNTS = sql`${submissions.state} = 'scored' and not ${submissions.trial}`;
/** Of the newest score, since one judged anew has several. */
const SKETCH = sql<string | null>`(select newest.sketch from ${scores} newest
  where newest.submission_id = ${submissions.id} order by newest.created_at desc limit 1)`;

const compared = {
  id: submissions.id,
  entrantId: submissions.entrantId,
  team: teams.slug,
  score: submissions.score,
  digest: submissions.predictionsDigest,
};

/** Others' submissions of a round with the same answers, the oldest first; one of each entrant is enough. */
export function sameAnswers(db: Db | Tx, of: { roundId: string; entrantId: string; digest: string }) {
  return db
    .selectDistinctOn([submissions.entrantId], compared)
    .from(submissions)
    .innerJoin(teams, eq(teams.id, submissions.teamId))
    .where(
      and(
        eq(submissions.roundId, of.roundId),
        eq(submissions.predictionsDigest, of.digest),
        ne(submissions.entrantId, of.entrantId),
        COUNTS,
      ),
    )
    .orderBy(submissions.entrantId, asc(submissions.submittedAt))
    .limit(100);
}

/** An entrant's newest scored submissions of a round with their sketches, the newest first. */
export function newestOf(db: Db | Tx, roundId: string, entrantId: string, limit: number) {
  return db
    .select({ ...compared, sketch: SKETCH })
    .from(submissions)
    .innerJoin(teams, eq(teams.id, submissions.teamId))
    .where(and(eq(submissions.roundId, roundId), eq(submissions.entrantId, entrantId), COUNTS))
    .orderBy(desc(submissions.submittedAt), desc(submissions.id))
    .limit(limit);
}

/** What stands on the public board for other entrants, those first whose score is nearest: what is alike scores alike. */
export function nearestOnBoard(
  db: Db | Tx,
  of: { roundId: string; entrantId: string; score: number },
  limit: number,
) {
  return db
    .select({ ...compared, sketch: SKETCH })
    .from(leaderboardRows)
    .innerJoin(submissions, eq(submissions.id, leaderboardRows.bestSubmissionId))
    .innerJoin(teams, eq(teams.id, submissions.teamId))
    .where(
      and(
        eq(leaderboardRows.roundId, of.roundId),
        eq(leaderboardRows.board, "public"),
        ne(leaderboardRows.entrantId, of.entrantId),
      ),
    )
    .orderBy(sql`abs(${leaderboardRows.score} - ${of.score})`)
    .limit(limit);
}

/** Keeps the first of its kind and parties. */
export async function insertFinding(db: Db | Tx, row: typeof findings.$inferInsert): Promise<void> {
  await db.insert(findings).values(row).onConflictDoNothing();
}

export function findingsOf(db: Db | Tx, competitionId: string, limit: number, after = "") {
  return db
    .select()
    .from(findings)
    .where(and(eq(findings.competitionId, competitionId), gt(findings.id, after)))
    .orderBy(asc(findings.id))
    .limit(limit);
}

/** @returns null when the competition has no such finding */
export async function judge(
  tx: Tx,
  of: { id: string; competitionId: string },
  set: { verdict: FindingVerdict; verdictReason: string; judgedBy: string | null; judgedAt: Date },
): Promise<FindingRow | null> {
  const [row] = await tx
    .update(findings)
    .set(set)
    .where(and(eq(findings.id, of.id), eq(findings.competitionId, of.competitionId)))
    .returning();
  return row ?? null;
}
