import { DomainError } from "@podium/shared";
import {
  type CompetitionRow,
  failSubmission,
  findCompetition,
  findRound,
  findSubmission,
  holdRound,
  lockSubmission,
  markScored,
  type RoundRow,
  type SubmissionFault,
  stopUnlessEnding,
  submissionIds,
  updateSubmission,
} from "../competitions/index.ts";
import type { Context } from "../platform/context.ts";
import type { Tx } from "../platform/database.ts";
import { emit } from "../platform/outbox.ts";
import { checkFile, type Judgement, judge, keptValues, type Scorer } from "./judge.ts";
import { type Judging, judgingOf, needsProgram, primaryOf, scorerVersion } from "./judging.ts";
import { liveOrigin } from "./programs/origin.ts";
import {
  LIVE_PRIORITY,
  NO_NODE_FITS,
  PROGRAM_FAILED,
  ProgramFailed,
  programValues,
  runProgram,
} from "./programs/run-program.ts";
import { findScore, insertScore, judgementOf } from "./store.ts";

/** What is to be scored, as the rows say. */
interface Task {
  id: string;
  number: number;
  scoreSessionId: string | null;
  /** Its turn in the one line of all entrants. */
  turn: number;
  predictionsTree: string;
  competition: CompetitionRow;
  round: RoundRow;
  trial: boolean;
  judging: Judging;
  version: string;
}

/** How often the rules of a round may change under a scoring's hands before it is left to the next delivery. */
const TRIES = 3;

/**
 * Scores a submission's predictions by every column of the contest, once per scorer version (invariant 3). A crash
 * anywhere leaves it in `scoring`, and its event is delivered again. What is wrong with the file ends the
 * submission with a message for its entrant; anything else is thrown and tried again.
 */
export async function scoreSubmission(ctx: Context, scorer: Scorer, submissionId: string): Promise<void> {
  for (let tried = 0; tried < TRIES; tried++) {
    const task = await findTask(ctx, submissionId);
    if (!task || (await isScored(ctx, scorer, task))) return;
  }
  throw new Error(`What submission ${submissionId} is scored with kept changing.`);
}

async function findTask(ctx: Context, submissionId: string): Promise<Task | null> {
  const submission = await findSubmission(ctx.db, { id: submissionId });
  if (submission?.state !== "scoring" || !submission.predictionsTree) return null;
  const { id, predictionsTree, trial, number, scoreSessionId, priority: turn } = submission;
  const round = await findRound(ctx.db, { id: submission.roundId });
  const found = await findCompetition(ctx.db, { id: submission.competitionId });
  if (!round || !found) throw new Error(`Submission ${submissionId} names rows that are gone.`);
  const { competition } = found;
  const judging = judgingOf({ definition: competition.definition, round }, trial);
  const what = { id, number, predictionsTree, trial, scoreSessionId, turn };
  return { ...what, competition, round, judging, version: scorerVersion(judging) };
}

/** False: what it is scored with was replaced meanwhile, and it is to be scored with that. */
async function isScored(ctx: Context, scorer: Scorer, task: Task): Promise<boolean> {
  const known = await findScore(ctx.db, task.id, task.version);
  try {
    const { competition, predictionsTree } = task;
    const program = known ? {} : await askProgram(ctx, scorer, task);
    // Its end calls again.
    if (!program) return true;
    const judged = { teamId: competition.teamId, predictionsTree, program };
    const judgement = known ? judgementOf(known) : await judge(ctx, scorer, task.judging, judged);
    return await ctx.db.transaction((tx) => keep(ctx, tx, task, judgement));
  } catch (error) {
    const fault = faultOf(error);
    if (!fault) throw error;
    if (fault.platform)
      ctx.log.error({ err: error, round: task.round.id }, "a round's submissions can't be scored");
    await ctx.db.transaction((tx) => failSubmission(ctx, tx, task.id, fault));
    return true;
  }
}

/** What the organizer's program says of it; null while that is at work. */
async function askProgram(ctx: Context, scorer: Scorer, task: Task): Promise<Record<string, number> | null> {
  const { judging, competition, predictionsTree } = task;
  if (!needsProgram(judging)) return {};
  // A file that can't be read is refused in words for its entrant before the program stumbles over it.
  if (!task.scoreSessionId) await checkFile(ctx, scorer, judging, predictionsTree);
  const session = await runProgram(ctx, {
    competition,
    judging,
    predictionsTree,
    origin: liveOrigin(task),
    memo: `scoring ${task.trial ? "trial run" : "submission"} ${task.number} of ${task.id}`,
    priority: LIVE_PRIORITY,
    turn: task.turn,
  });
  if (task.scoreSessionId !== session.id)
    await ctx.db.transaction((tx) => noteSession(ctx, tx, task.id, session.id));
  return programValues(session);
}

/** The session that looks at a submission; where that has ended meanwhile, nobody needs it any more. */
async function noteSession(ctx: Context, tx: Tx, id: string, scoreSessionId: string): Promise<void> {
  const submission = await lockSubmission(tx, id);
  if (submission?.state !== "scoring")
    return stopUnlessEnding(ctx, tx, scoreSessionId, "its submission has ended");
  await updateSubmission(tx, id, { scoreSessionId });
  await emit(ctx, tx, { type: "submission.changed", ...submissionIds(submission) });
}

/** The round is held, so that a rejudging can't be applied between the check and the commit. */
async function keep(ctx: Context, tx: Tx, task: Task, judgement: Judgement): Promise<boolean> {
  const { id, trial, version } = task;
  const round = await holdRound(tx, task.round.id);
  const { definition } = task.competition;
  if (!round || scorerVersion(judgingOf({ definition, round }, trial)) !== version) return false;
  const { score, ...others } = keptValues(judgement.values);
  const details = { ...others, predictionsDigest: judgement.predictionsDigest };
  // Delivered twice at once, the other may have ended it meanwhile: then this score is nobody's.
  if (!(await markScored(ctx, tx, id, score, details))) return true;
  const row = { id: ctx.ids.next("score"), submissionId: id, scorerVersion: version };
  const createdAt = ctx.clock.now();
  await insertScore(tx, { ...row, ...judgement, score: primaryOf(judgement.values).public, createdAt });
  return true;
}

/** What ends the submission, with the words for its entrant; null for what is worth another try. */
export function faultOf(error: unknown): SubmissionFault | null {
  if (error instanceof ProgramFailed) return PROGRAM_FAILED;
  if (!(error instanceof DomainError)) return null;
  const { code, message } = error;
  if (code === "invalid_predictions") return { code, message, platform: false };
  if (code === "no_node_fits") return NO_NODE_FITS;
  if (code !== "invalid_bundle") return null;
  const words =
    "The labels of this round are broken. It cost you nothing: tell the organizer, then submit again.";
  return { code, message: words, platform: true };
}
