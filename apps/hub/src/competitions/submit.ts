import { DomainError, type Id, type submitSchema } from "@podium/shared";
import type { z } from "zod";
import { findTree, holdTree } from "../data/index.ts";
import { type Context, resolveTeam } from "../platform/context.ts";
import type { Tx } from "../platform/database.ts";
import { emit } from "../platform/outbox.ts";
import { findSession } from "../sessions/index.ts";
import { holdCheckpoint } from "../tracking/index.ts";
import { requireEntered } from "./entrants/require-entered.ts";
import { dayStart, limitReached } from "./limits.ts";
import {
  countTries,
  type EntrantRow,
  findCompetition,
  findEntrant,
  holdRound,
  insertSubmission,
  listRounds,
  lockEntrant,
  type RoundRow,
  type SubmissionRow,
} from "./store.ts";

type Submit = z.infer<typeof submitSchema>;

/**
 * Accepts a submission: from the commit on it reaches a terminal state and is scored once (invariant 3).
 * Holds the round (so that it can't close in between), then locks the entrant (so that its limits hold).
 * @throws DomainError `not_an_entrant`, `round_not_open`, `limit_reached`, `not_found`
 */
export async function submit(
  ctx: Context,
  tx: Tx,
  competitionName: string,
  input: Submit,
): Promise<SubmissionRow> {
  const team = resolveTeam(ctx, input.team);
  const found = await findCompetition(tx, { name: competitionName });
  if (!found) throw new DomainError("not_found", `There is no competition called "${competitionName}".`);
  const entered = await findEntrant(tx, found.competition.id, team.id);
  if (!entered)
    throw new DomainError(
      "not_an_entrant",
      `Team "${team.slug}" has not joined: podium competition join ${competitionName}.`,
    );
  const round = await openRoundOf(tx, entered);
  const entrant = await lockEntrant(tx, entered.id);
  if (entrant?.state !== "active")
    throw new DomainError("not_an_entrant", "Your team is no longer in this competition.");
  requireEntered(found.competition, entrant, team);

  const now = ctx.clock.now();
  const tries = await countTries(tx, entrant.id, round.id, dayStart(now));
  const secondsToMidnight = Math.ceil((dayStart(now).getTime() + 86_400_000 - now.getTime()) / 1000);
  const reached = limitReached(tries, round.definition.limits, secondsToMidnight);
  if (reached)
    throw new DomainError(
      "limit_reached",
      reached.message,
      reached.retryAfterSeconds ? { retry_after_seconds: reached.retryAfterSeconds } : {},
    );

  const what = await whatIsSubmitted(tx, team, input);
  const submission = await insertSubmission(tx, {
    id: ctx.ids.next("submission"),
    competitionId: found.competition.id,
    roundId: round.id,
    entrantId: entrant.id,
    teamId: team.id,
    number: tries.last + 1,
    kind: input.kind,
    state: "queued",
    ...what,
    submittedBy: ctx.actor.kind === "user" ? ctx.actor.userId : null,
    submittedAt: now,
  });
  await emit(ctx, tx, { type: "submission.accepted", ...submissionIds(submission) });
  return submission;
}

/** The ids that events of a submission carry. */
export function submissionIds(row: SubmissionRow) {
  return {
    submission_id: row.id as Id<"submission">,
    competition_id: row.competitionId as Id<"competition">,
    round_id: row.roundId as Id<"round">,
    entrant_id: row.entrantId as Id<"entrant">,
    team_id: row.teamId as Id<"team">,
  };
}

async function openRoundOf(tx: Tx, entrant: EntrantRow): Promise<RoundRow> {
  if (entrant.state !== "active")
    throw new DomainError(
      "not_an_entrant",
      "Your team is no longer in this competition: it did not survive the last round.",
    );
  const rounds = await listRounds(tx, entrant.competitionId);
  const reached = rounds.find((round) => round.number === entrant.round);
  const round = reached ? await holdRound(tx, reached.id) : null;
  if (round?.state === "open") return round;
  const state = round ? `Round "${round.name}" is ${round.state}` : "There is no round for you";
  throw new DomainError("round_not_open", `${state}; submissions are taken only while a round is open.`);
}

async function whatIsSubmitted(tx: Tx, team: { id: string; slug: string }, input: Submit) {
  if (input.kind === "predictions") {
    const tree = (await holdTree(tx, input.tree_id, [team.id])) ? await findTree(tx, input.tree_id) : null;
    if (!tree)
      throw new DomainError(
        "not_found",
        `Your team has no tree ${input.tree_id}. Push the prediction file first.`,
      );
    if (tree.files !== 1)
      throw new DomainError(
        "invalid_request",
        `Submit exactly one prediction file; this tree has ${tree.files}.`,
      );
    return { predictionsTree: tree.id };
  }
  const session = await findSession(tx, { id: input.session_id });
  if (!session || session.removedAt || session.teamId !== team.id || session.kind !== "train") {
    throw new DomainError("not_found", `Team "${team.slug}" has no training session ${input.session_id}.`);
  }
  const checkpoint = await holdCheckpoint(tx, session, input.checkpoint);
  return { sessionId: session.id, checkpoint: { name: checkpoint.name, tree_id: checkpoint.treeId } };
}
