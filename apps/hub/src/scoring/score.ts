import { DomainError, type MetricSpec, type TreeEntry } from "@podium/shared";
import {
  failSubmission,
  findCompetition,
  findRound,
  findSubmission,
  markScored,
  type SubmissionFault,
} from "../competitions/index.ts";
import { localFile, treeEntries } from "../data/index.ts";
import type { Context } from "../platform/context.ts";
import { sha256 } from "../platform/secrets.ts";
import type { ScoreRequest, ScoreResult } from "./score-request.ts";
import { findScore, insertScore } from "./store.ts";

export interface Scorer {
  score(request: ScoreRequest): Promise<ScoreResult>;
}

/** Raised when the definition of a metric or the way files are read changes, so that both can be told apart. */
const SCORER_GENERATION = "builtin-2";

/** The column that ranks. */
const PRIMARY = "score";

/** Names exactly what a score depends on besides the predictions. */
export function scorerVersion(metric: MetricSpec, labelsTree: string, target: string): string {
  return `${SCORER_GENERATION}:${metric.name}:${sha256(JSON.stringify([metric, labelsTree, target])).slice(0, 16)}`;
}

/**
 * Scores a submission's predictions against the round's labels, once per scorer version (invariant 3). A crash
 * anywhere leaves it in `scoring`, and its event is delivered again. What is wrong with the file ends the
 * submission with a message for its entrant; anything else is thrown and tried again.
 */
export async function scoreSubmission(ctx: Context, scorer: Scorer, submissionId: string): Promise<void> {
  const submission = await findSubmission(ctx.db, { id: submissionId });
  if (submission?.state !== "scoring" || !submission.predictionsTree) return;
  const round = await findRound(ctx.db, { id: submission.roundId });
  const found = await findCompetition(ctx.db, { id: submission.competitionId });
  if (!round || !found) throw new Error(`Submission ${submissionId} names rows that are gone.`);
  const { metric } = found.competition.definition;
  if (metric.name === "custom" || metric.name === "computed")
    throw new Error(`Metric ${metric.name} of round ${round.id} has no scorer.`);
  const labelsTree = submission.trial ? round.sampleLabelsTree : round.labelsTree;
  if (!labelsTree) throw new Error(`Round ${round.id} has lost the labels of its sample.`);
  const version = scorerVersion(metric, labelsTree, round.definition.target_field);

  const known = await findScore(ctx.db, submissionId, version);
  if (known) {
    await ctx.db.transaction((tx) => markScored(ctx, tx, submissionId, known.score));
    return;
  }
  try {
    const { name, ...options } = metric;
    const { scores, rows } = await scorer.score({
      predictionsPath: await dataFile(ctx, submission.predictionsTree),
      labelsPath: await dataFile(ctx, labelsTree),
      idField: round.definition.id_field,
      targetField: round.definition.target_field,
      columns: [{ key: PRIMARY, metric: name, options }],
    });
    const score = scores[PRIMARY];
    if (score === undefined) throw new Error("The scorer answered without the score that was asked for.");
    await ctx.db.transaction(async (tx) => {
      // Delivered twice at once, the other may have ended it meanwhile: then this score is nobody's.
      if (!(await markScored(ctx, tx, submissionId, score))) return;
      await insertScore(tx, {
        id: ctx.ids.next("score"),
        submissionId,
        scorerVersion: version,
        score,
        rows,
        createdAt: ctx.clock.now(),
      });
    });
  } catch (error) {
    const fault = faultOf(error);
    if (!fault) throw error;
    if (fault.platform)
      ctx.log.error({ err: error, round: round.id }, "a round's labels can't be scored against");
    await ctx.db.transaction((tx) => failSubmission(ctx, tx, submissionId, fault));
  }
}

/** What ends the submission, with the words for its entrant; null for what is worth another try. */
function faultOf(error: unknown): SubmissionFault | null {
  if (!(error instanceof DomainError)) return null;
  const { code, message } = error;
  if (code === "invalid_predictions") return { code, message, platform: false };
  if (code !== "invalid_bundle") return null;
  const words =
    "The labels of this round are broken. It cost you nothing: tell the organizer, then submit again.";
  return { code, message: words, platform: true };
}

/** Path on disk of a tree's data file: what `infer` writes by its name, else the one that looks like data. */
async function dataFile(ctx: Context, treeId: string): Promise<string> {
  let chosen: TreeEntry | undefined;
  let rank = 0;
  for await (const entry of treeEntries(ctx.db, treeId)) {
    const its = rankOf(entry.path);
    if (its > rank) [chosen, rank] = [entry, its];
  }
  const path = chosen ? await localFile(ctx, chosen.sha256) : null;
  if (!path) throw new Error(`The data file of tree ${treeId} is gone from the blob store.`);
  return path;
}

const rankOf = (path: string) =>
  path === "predictions.jsonl" ? 3 : /\.(csv|jsonl|ndjson|parquet|npy)(\.gz)?$/i.test(path) ? 2 : 1;
