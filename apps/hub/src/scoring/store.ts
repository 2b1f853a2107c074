import { PRIMARY_KEY } from "@podium/shared";
import { and, eq, inArray, sql } from "drizzle-orm";
import { submissions } from "../competitions/schema.ts";
import type { Db, Tx } from "../platform/database.ts";
import type { Judgement } from "./judge.ts";
import { rejudgedSubmissions, rejudgings, scores } from "./schema.ts";

export async function findScore(db: Db | Tx, submissionId: string, scorerVersion: string) {
  const [row] = await db
    .select()
    .from(scores)
    .where(and(eq(scores.submissionId, submissionId), eq(scores.scorerVersion, scorerVersion)));
  return row ?? null;
}

/** Invariant 3: the second score of a (submission, scorer version) is not stored. */
export async function insertScore(tx: Tx, row: typeof scores.$inferInsert): Promise<void> {
  await tx.insert(scores).values(row).onConflictDoNothing();
}

/** What a stored score says of the predictions. */
export function judgementOf(row: typeof scores.$inferSelect): Judgement {
  return {
    values: row.values ?? { [PRIMARY_KEY]: { public: row.score } },
    rows: row.rows,
    predictionsDigest: row.predictionsDigest,
    sketch: row.sketch,
    lossesTree: row.lossesTree,
  };
}

/** Deletes all scores and rejudgings of a contest. */
export async function deleteScores(tx: Tx, competitionId: string): Promise<void> {
  const its = tx
    .select({ id: submissions.id })
    .from(submissions)
    .where(eq(submissions.competitionId, competitionId));
  for (const table of [rejudgedSubmissions, scores])
    await tx.delete(table).where(inArray(table.submissionId, its));
  await tx.delete(rejudgings).where(eq(rejudgings.competitionId, competitionId));
}

/** The trees that scores name. */
export const treesOfScores = () => sql`
  select losses_tree as tree_id from scores
  union all select labels_tree from rejudgings
  union all select scorer_tree from rejudgings
  union all select previous_labels_tree from rejudgings
  union all select previous_scorer_tree from rejudgings`;
