import { DomainError, type Id } from "@podium/shared";
import { z } from "zod";
import {
  type CompetitionRow,
  findCompetition,
  findRound,
  lockRound,
  type SubmissionRow,
  stopUnlessEnding,
} from "../../competitions/index.ts";
import type { Context } from "../../platform/context.ts";
import { emit } from "../../platform/outbox.ts";
import { judge, type Scorer } from "../judge.ts";
import { type Judging, judgingOf, needsProgram, primaryOf, scorerVersion } from "../judging.ts";
import { rejudgingOrigin } from "../programs/origin.ts";
import { programValues, REJUDGING_PRIORITY, runProgram } from "../programs/run-program.ts";
import { faultOf } from "../score.ts";
import { findScore, insertScore } from "../store.ts";
import { endCancelled } from "./cancel.ts";
import { settleRejudging } from "./settle.ts";
import {
  findRejudging,
  lockRejudging,
  noteMoved,
  type RejudgedRow,
  type RejudgingRow,
  updatePending,
  updateRejudging,
  workable,
} from "./store.ts";

/** How many are scored before others get their turn: submissions that come in meanwhile wait no longer than these. */
const AT_ONCE = 10;

/** What `no_node_fits` tells beside its words. */
const refusalSchema = z.object({ nodes: z.array(z.object({ node: z.string(), reason: z.string() })).min(1) });

interface Work {
  rejudging: RejudgingRow;
  competition: CompetitionRow;
  judging: Judging;
}

/**
 * Scores the next submissions of a rejudging, and calls for the next ones, or settles it when none is left. Any number
 * of calls at a time, repeated or cut short anywhere, ends in the same scores, each made once.
 */
export async function judgeNext(ctx: Context, scorer: Scorer, rejudgingId: string): Promise<void> {
  const work = await findWork(ctx, rejudgingId);
  if (!work) return;
  const next = await workable(ctx.db, rejudgingId, AT_ONCE);
  let moved = 0;
  for (const { submission } of next) {
    const done = await judgeAgain(ctx, scorer, work, submission);
    // No node could ever run the scorer, of this one or of the next: `waitForNodes` asks again.
    if (done === "refused") break;
    if (!done) continue;
    moved += 1;
    await noteMoved(ctx.db, rejudgingId, ctx.clock.now());
  }
  if (next.length === AT_ONCE && moved > 0)
    await ctx.db.transaction((tx) =>
      emit(ctx, tx, { type: "rejudging.due", rejudging_id: rejudgingId as Id<"rejudging"> }),
    );
  if (next.length < AT_ONCE) await settleRejudging(ctx, rejudgingId);
}

async function findWork(ctx: Context, rejudgingId: string): Promise<Work | null> {
  const rejudging = await findRejudging(ctx.db, rejudgingId);
  if (rejudging?.state !== "scoring") return null;
  const round = await findRound(ctx.db, { id: rejudging.roundId });
  const found = await findCompetition(ctx.db, { id: rejudging.competitionId });
  if (!round || !found) throw new Error(`Rejudging ${rejudgingId} names rows that are gone.`);
  const { competition } = found;
  const { labelsTree, scorerTree } = rejudging;
  const trees = { labelsTree: labelsTree ?? round.labelsTree, scorerTree };
  const judging = judgingOf({ definition: competition.definition, round: { ...round, ...trees } }, false);
  if (scorerVersion(judging) === rejudging.scorerVersion) return { rejudging, competition, judging };
  // The contest was edited meanwhile: these scores would be nobody's.
  await ctx.db.transaction(async (tx) => {
    await lockRound(tx, round.id);
    const current = await lockRejudging(tx, rejudgingId);
    if (current?.state === "scoring")
      await endCancelled(ctx, tx, current, "The contest's columns or splits were changed meanwhile.");
  });
  return null;
}

/** @returns whether this call has brought it further */
async function judgeAgain(
  ctx: Context,
  scorer: Scorer,
  { rejudging, competition, judging }: Work,
  submission: SubmissionRow,
): Promise<boolean | "refused"> {
  const of = { rejudgingId: rejudging.id, submissionId: submission.id };
  const { predictionsTree } = submission;
  if (!predictionsTree) throw new Error(`Submission ${submission.id} has lost its predictions.`);
  if (await findScore(ctx.db, submission.id, rejudging.scorerVersion))
    return updatePending(ctx.db, of, { state: "scored" });
  try {
    let program: Record<string, number> | null = {};
    if (needsProgram(judging)) {
      const origin = rejudgingOrigin(rejudging.id, submission.id);
      const memo = `rejudging submission ${submission.number} of ${submission.id}`;
      const run = { competition, judging, predictionsTree, origin, memo, priority: REJUDGING_PRIORITY };
      const session = await runProgram(ctx, run);
      const isOurs = await noteSession(ctx, of, session.id);
      program = programValues(session);
      if (!program) return isOurs;
    }
    const judged = { teamId: competition.teamId, predictionsTree, program };
    const judgement = await judge(ctx, scorer, judging, judged);
    return await ctx.db.transaction(async (tx) => {
      await insertScore(tx, {
        id: ctx.ids.next("score"),
        submissionId: submission.id,
        scorerVersion: rejudging.scorerVersion,
        ...judgement,
        score: primaryOf(judgement.values).public,
        createdAt: ctx.clock.now(),
      });
      return updatePending(tx, of, { state: "scored" });
    });
  } catch (error) {
    if (await isRefused(ctx, rejudging.id, error)) return "refused";
    const fault = faultOf(error);
    if (!fault) throw error;
    return updatePending(ctx.db, of, { state: "failed", failure: { ...fault } });
  }
}

/** The session that looks at a submission; one that was made while the rejudging was cancelled is stopped again. */
function noteSession(
  ctx: Context,
  of: Pick<RejudgedRow, "rejudgingId" | "submissionId">,
  sessionId: string,
): Promise<boolean> {
  return ctx.db.transaction(async (tx) => {
    const rejudging = await lockRejudging(tx, of.rejudgingId);
    if (rejudging?.state === "scoring") return updatePending(tx, of, { sessionId });
    await stopUnlessEnding(ctx, tx, sessionId, "the rejudging was cancelled");
    return false;
  });
}

/** Whether no node could ever run the scorer: what each lacks is kept for the organizer to see. */
async function isRefused(ctx: Context, rejudgingId: string, error: unknown): Promise<boolean> {
  if (!(error instanceof DomainError) || error.code !== "no_node_fits") return false;
  const found = refusalSchema.safeParse(error.details);
  const refusedBy = found.success ? found.data.nodes : [{ node: "(all)", reason: error.message }];
  await ctx.db.transaction((tx) => updateRejudging(tx, rejudgingId, { refusedBy }));
  return true;
}
