import { and, asc, desc, eq, inArray, notInArray, sql } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import { submissions } from "../../competitions/schema.ts";
import type { Db, Tx } from "../../platform/database.ts";
import { scores } from "../../scoring/schema.ts";
import { ladderSteps } from "../schema.ts";

export type LadderStep = typeof ladderSteps.$inferSelect;

/** An entrant's scored submissions with losses, in order of submission, each with the step that is stored of it. */
export async function ladderOf(db: Db | Tx, roundId: string, entrantId: string) {
  const applied = db
    .selectDistinctOn([scores.submissionId], {
      submissionId: scores.submissionId,
      score: scores.score,
      lossesTree: scores.lossesTree,
    })
    .from(scores)
    .innerJoin(submissions, eq(submissions.id, scores.submissionId))
    .where(
      and(
        eq(submissions.roundId, roundId),
        eq(submissions.entrantId, entrantId),
        // Another judgement that was not applied has another score.
        eq(scores.score, submissions.score),
      ),
    )
    .orderBy(scores.submissionId, desc(scores.createdAt))
    .as("applied");
  const rows = await db
    .select({ id: submissions.id, lossesTree: applied.lossesTree, step: ladderSteps })
    .from(submissions)
    .innerJoin(applied, eq(applied.submissionId, submissions.id))
    .leftJoin(ladderSteps, eq(ladderSteps.submissionId, submissions.id))
    .where(
      and(
        eq(submissions.roundId, roundId),
        eq(submissions.entrantId, entrantId),
        sql`${submissions.state} = 'scored' and not ${submissions.trial}`,
      ),
    )
    .orderBy(asc(submissions.submittedAt), asc(submissions.id));
  return rows.flatMap(({ lossesTree, ...row }) => (lossesTree === null ? [] : [{ ...row, lossesTree }]));
}

/** Stores an entrant's steps; the first `kept` of them are stored already. */
export async function writeLadder(
  tx: Tx,
  roundId: string,
  entrantId: string,
  steps: readonly LadderStep[],
  kept: number,
): Promise<void> {
  const ofEntrant = and(eq(ladderSteps.roundId, roundId), eq(ladderSteps.entrantId, entrantId));
  const ids = steps.map(({ submissionId }) => submissionId);
  await tx
    .delete(ladderSteps)
    .where(ids.length > 0 ? and(ofEntrant, notInArray(ladderSteps.submissionId, ids)) : ofEntrant);
  for (const step of steps.slice(kept)) {
    const { submissionId: _, ...set } = step;
    await tx.insert(ladderSteps).values(step).onConflictDoUpdate({ target: ladderSteps.submissionId, set });
  }
}

/** The submission whose score the Ladder shows of each entrant; `until`: as it was shown then. */
export async function shownByLadder(
  db: Db | Tx,
  roundId: string,
  entrantIds: readonly string[],
  until?: Date,
): Promise<Map<string, string>> {
  if (entrantIds.length === 0) return new Map();
  const shown = alias(submissions, "shown");
  const by = until
    ? sql`greatest(${submissions.endedAt}, ${shown.endedAt}) <= ${until.toISOString()}`
    : undefined;
  const rows = await db
    .selectDistinctOn([ladderSteps.entrantId], {
      entrantId: ladderSteps.entrantId,
      shownId: ladderSteps.shownId,
    })
    .from(ladderSteps)
    .innerJoin(submissions, eq(submissions.id, ladderSteps.submissionId))
    .innerJoin(shown, eq(shown.id, ladderSteps.shownId))
    .where(and(eq(ladderSteps.roundId, roundId), inArray(ladderSteps.entrantId, [...entrantIds]), by))
    .orderBy(ladderSteps.entrantId, desc(submissions.submittedAt), desc(submissions.id));
  return new Map(rows.map((row) => [row.entrantId, row.shownId]));
}

/** What the Ladder showed after each submission of an entrant: the id of the submission whose score that is. */
export async function ladderShown(
  db: Db | Tx,
  roundId: string,
  entrantId: string,
): Promise<Map<string, string>> {
  const rows = await db
    .select({ id: ladderSteps.submissionId, shownId: ladderSteps.shownId })
    .from(ladderSteps)
    .where(and(eq(ladderSteps.roundId, roundId), eq(ladderSteps.entrantId, entrantId)));
  return new Map(rows.map((row) => [row.id, row.shownId]));
}
