import { DomainError, durationMs, type Id } from "@podium/shared";
import type { Context } from "../platform/context.ts";
import { asSystem } from "../platform/context.ts";
import type { Tx } from "../platform/database.ts";
import { emit } from "../platform/outbox.ts";
import { enqueueSession, findSession, type SessionRow, sameEnvironment } from "../sessions/index.ts";
import { findTeam } from "../teams/index.ts";
import { failSubmission } from "./fail.ts";
import {
  findCompetition,
  findRound,
  lockSubmission,
  type RoundRow,
  type SubmissionRow,
  updateSubmission,
} from "./store.ts";
import { submissionIds } from "./submit.ts";

/** Ahead of training: an entrant waits for the answer. */
const INFER_PRIORITY = 10;

/**
 * Gets an accepted submission its predictions: a prediction file has them, a checkpoint's `infer` is run over the
 * hidden inputs in a session of its own, paid by the entrant. Repeating it changes nothing.
 */
export async function startInference(ctx: Context, submissionId: string): Promise<void> {
  await ctx.db.transaction(async (tx) => {
    const submission = await lockSubmission(tx, submissionId);
    if (submission?.state !== "queued") return;
    if (submission.predictionsTree) {
      await updateSubmission(tx, submission.id, { state: "scoring" });
      await emit(ctx, tx, { type: "submission.predicted", ...submissionIds(submission) });
      return;
    }
    const session = submission.sessionId ? await findSession(tx, { id: submission.sessionId }) : null;
    const round = await findRound(tx, { id: submission.roundId });
    if (!session || !round || !submission.checkpoint)
      throw new Error(`Submission ${submission.id} names rows that are gone.`);
    await enqueue(ctx, tx, submission, session, round);
  });
}

async function enqueue(
  ctx: Context,
  tx: Tx,
  submission: SubmissionRow,
  trained: SessionRow,
  round: RoundRow,
): Promise<void> {
  const team = await findTeam(tx, { id: submission.teamId });
  const found = await findCompetition(tx, { id: submission.competitionId });
  if (!team || !found || !submission.checkpoint)
    throw new Error(`Submission ${submission.id} names rows that are gone.`);
  const { limits, id_field } = round.definition;
  try {
    const infer = await enqueueSession(asSystem(ctx), tx, {
      team: { id: team.id as Id<"team">, slug: team.slug },
      kind: "infer",
      ...sameEnvironment(trained),
      codeTree: trained.codeTree,
      entrypoint: trained.entrypoint,
      args: trained.args,
      memo: `submission ${submission.number} to ${found.competition.name}`,
      datasets: trained.datasets,
      resources: { ...trained.resources, memory_bytes: limits.memory_bytes, shm_bytes: null },
      timeoutMs: durationMs(limits.infer_timeout),
      priority: INFER_PRIORITY,
      origin: submission.id,
      hidden: { outputTeamId: found.competition.teamId },
      checkpoint: submission.checkpoint,
      input: { tree_id: round.inputsTree, id_field },
    });
    await updateSubmission(tx, submission.id, { state: "inferring", inferSessionId: infer.id });
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    await failSubmission(ctx, tx, submission.id, {
      code: error.code,
      message: error.message,
      platform: false,
    });
  }
}
