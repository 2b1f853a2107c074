import { DomainError, durationMs, type Id } from "@podium/shared";
import { resolveMount } from "../../data/index.ts";
import type { Context } from "../../platform/context.ts";
import { asSystem } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { emit } from "../../platform/outbox.ts";
import {
  enqueueSession,
  findEnvironment,
  findSession,
  type SessionSpec,
  sameEnvironment,
} from "../../sessions/index.ts";
import { findTeam } from "../../teams/index.ts";
import {
  type CompetitionRow,
  findCompetition,
  findRound,
  lockSubmission,
  type RoundRow,
  type SubmissionRow,
  updateSubmission,
} from "../store.ts";
import { failSubmission } from "./fail.ts";
import { withIngestion } from "./ingestion.ts";
import { submissionIds } from "./submit.ts";

/** Ahead of training: an entrant waits for the answer. Among these the fair queue's turns decide. */
const INFER_PRIORITY = 10;

/** What is run for a submission, with all that it names. */
interface Order {
  submission: SubmissionRow;
  round: RoundRow;
  competition: CompetitionRow;
  /** of the organizer, who owns what is predicted from hidden inputs */
  organizer: string;
  team: { id: Id<"team">; slug: string };
}

/**
 * Gets an accepted submission its predictions: a checkpoint's `infer`, or code, is run over the hidden inputs (of a
 * trial run: the sample) in a session of its own, paid by the entrant. Repeating it changes nothing.
 */
export async function startInference(ctx: Context, submissionId: string): Promise<void> {
  await ctx.db.transaction(async (tx) => {
    const submission = await lockSubmission(tx, submissionId);
    if (submission?.state !== "queued") return;
    // A prediction file that an older hub has accepted: now it goes to the scorer as it is accepted.
    if (submission.predictionsTree) {
      await updateSubmission(tx, submission.id, { state: "scoring" });
      const event = { type: "submission.predicted" as const, ...submissionIds(submission) };
      await emit(ctx, tx, { ...event, turn: submission.priority });
      return;
    }
    const round = await findRound(tx, { id: submission.roundId });
    const team = await findTeam(tx, { id: submission.teamId });
    const found = await findCompetition(tx, { id: submission.competitionId });
    if (!round || !team || !found) throw new Error(`Submission ${submission.id} names rows that are gone.`);
    const { competition, team: organizer } = found;
    await enqueue(ctx, tx, {
      submission,
      round,
      competition,
      organizer,
      team: { id: team.id as Id<"team">, slug: team.slug },
    });
  });
}

async function enqueue(ctx: Context, tx: Tx, order: Order): Promise<void> {
  const { submission, round, competition, team } = order;
  const { limits, id_field } = round.definition;
  const inputs = submission.trial ? round.sampleInputsTree : round.inputsTree;
  if (!inputs) throw new Error(`Round ${round.id} has lost its sample.`);
  try {
    const infer = await enqueueSession(asSystem(ctx), tx, {
      ...(submission.checkpoint ? await ofCheckpoint(tx, order) : await ofCode(ctx, tx, order)),
      team,
      kind: "infer",
      memo: `${submission.trial ? "trial run" : "submission"} ${submission.number} to ${competition.name}`,
      timeoutMs: submission.inferMs ?? durationMs(limits.infer_timeout),
      priority: INFER_PRIORITY,
      turn: submission.priority,
      origin: submission.id,
      // A sample is public: its run is the entrant's own, with all that it prints.
      ...(submission.trial ? {} : { hidden: { outputTeamId: competition.teamId } }),
      input: { tree_id: inputs, id_field },
    });
    await updateSubmission(tx, submission.id, { state: "inferring", inferSessionId: infer.id });
    await emit(ctx, tx, { type: "submission.changed", ...submissionIds(submission) });
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    // What a checkpoint was trained with has been there: now it is the hub that lacks it.
    const hubLacks = error.code === "no_node_fits" && submission.kind === "checkpoint";
    const platform = hubLacks || error.code === "invalid_bundle";
    const { code, message } = error;
    await failSubmission(ctx, tx, submission.id, { code, message, platform });
  }
}

type What = Pick<
  SessionSpec,
  | "image"
  | "droppedImage"
  | "environment"
  | "codeTree"
  | "entrypoint"
  | "args"
  | "datasets"
  | "resources"
  | "checkpoint"
>;

async function ofCheckpoint(tx: Tx, { submission, round }: Order): Promise<What> {
  const trained = submission.sessionId ? await findSession(tx, { id: submission.sessionId }) : null;
  if (!trained || !submission.checkpoint)
    throw new Error(`Submission ${submission.id} names rows that are gone.`);
  const { codeTree, entrypoint, args, datasets } = trained;
  return {
    ...sameEnvironment(trained),
    codeTree,
    entrypoint,
    args,
    datasets,
    resources: {
      ...trained.resources,
      memory_bytes: round.definition.limits.memory_bytes,
      shm_bytes: null,
    },
    checkpoint: submission.checkpoint,
  };
}

/** Code runs as a checkpoint's does, but loads nothing; or the round's ingestion program runs with it. */
async function ofCode(ctx: Context, tx: Tx, order: Order): Promise<What> {
  const { submission, round, competition, organizer, team } = order;
  const { codeTree, run } = submission;
  if (!codeTree || !run) throw new Error(`Submission ${submission.id} names no code.`);
  const { image, resources, entrypoint } = run;
  const own = await findEnvironment(ctx, tx, { codeTree, image, resources });
  const data = await resolveMount(ctx, tx, `${organizer}/${competition.name}-${round.name}`, team);
  const what = { ...own, codeTree, entrypoint, args: [], datasets: [data], resources };
  return round.ingestionTree ? withIngestion(ctx, tx, order, what) : what;
}
