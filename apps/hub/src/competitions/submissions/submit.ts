import { DomainError, type Id } from "@podium/shared";
import { type Context, resolveTeam } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { emit } from "../../platform/outbox.ts";
import { requireEntered } from "../entrants/require-entered.ts";
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
} from "../store.ts";
import { fairTurn } from "./fair-turn.ts";
import { holdSubmitted, type Submit } from "./hold-submitted.ts";
import { inferTime } from "./infer-time.ts";
import { dayStart, limitReached, type Reached, trialsReached } from "./limits.ts";
import { countTrials, setLastTurn } from "./store.ts";

/**
 * Accepts a submission, or a trial run: from the commit on it reaches a terminal state and is scored once (invariant 3).
 * Holds the round (so that it can't close in between), then locks the entrant (so that its limits hold).
 * @throws DomainError `not_an_entrant`, `round_not_open`, `limit_reached`, `not_found`, `invalid_request`
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
  const now = ctx.clock.now();
  const round = await openRoundOf(tx, entered, now);
  requireTaken(round, input);
  const entrant = await lockEntrant(tx, entered.id);
  if (entrant?.state !== "active") throw new DomainError("not_an_entrant", goneBecause(entrant?.state));
  requireEntered(found.competition, entrant, team);

  const tries = await countTries(tx, entrant.id, round.id, dayStart(now));
  const { limits } = round.definition;
  refuse(
    input.trial
      ? trialsReached(await countTrials(tx, entrant.id, round.id, now), limits, now)
      : limitReached(tries, limits, now),
  );
  const { resources, ...what } = await holdSubmitted(tx, team, round, input);
  const inferMs = resources && (await inferTime(tx, { entrant, round, resources, trial: input.trial }));
  // A prediction file is what others still have to be run for.
  const predicted = what.predictionsTree !== undefined;
  const turn = fairTurn(entrant.lastPriority, now, tries.underWay);
  const submission = await insertSubmission(tx, {
    id: ctx.ids.next("submission"),
    competitionId: found.competition.id,
    roundId: round.id,
    entrantId: entrant.id,
    teamId: team.id,
    number: tries.last + 1,
    kind: input.kind,
    state: predicted ? "scoring" : "queued",
    trial: input.trial ?? false,
    priority: turn,
    memo: input.memo ?? null,
    ...what,
    inferMs,
    submittedBy: ctx.actor.kind === "user" ? ctx.actor.userId : null,
    submittedAt: now,
  });
  await setLastTurn(tx, entrant.id, turn);
  const ids = submissionIds(submission);
  await emit(
    ctx,
    tx,
    predicted ? { type: "submission.predicted", ...ids, turn } : { type: "submission.accepted", ...ids },
  );
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

function refuse(reached: Reached | null): void {
  if (reached === null) return;
  const { message, retryAfterSeconds } = reached;
  throw new DomainError(
    "limit_reached",
    message,
    retryAfterSeconds ? { retry_after_seconds: retryAfterSeconds } : {},
  );
}

/** The clock closes a round within a second or so of its time; what comes in that second is late all the same. */
async function openRoundOf(tx: Tx, entrant: EntrantRow, now: Date): Promise<RoundRow> {
  if (entrant.state !== "active") throw new DomainError("not_an_entrant", goneBecause(entrant.state));
  const rounds = await listRounds(tx, entrant.competitionId);
  const reached = rounds.find((round) => round.number === entrant.round);
  const round = reached ? await holdRound(tx, reached.id) : null;
  if (!round) throw new DomainError("round_not_open", "There is no round for you to submit to.");
  const isOver = round.closesAt !== null && round.closesAt <= now;
  if (round.pausedAt)
    throw new DomainError(
      "round_not_open",
      `Round "${round.name}" is paused by its organizer since ${round.pausedAt.toISOString()}. Submit when it goes on: it will close later by as long as it was paused.`,
    );
  if (round.state === "open" && !isOver) return round;
  const state = round.state === "open" ? "closing" : round.state;
  throw new DomainError(
    "round_not_open",
    `Round "${round.name}" is ${state}; submissions are taken only while a round is open.`,
  );
}

function goneBecause(state: EntrantRow["state"] | undefined): string {
  const because = {
    eliminated: "it did not survive the last round",
    withdrawn: "it has withdrawn",
    banned: "its organizer has excluded it",
    merged: "it has become part of another one: submit for that team",
  };
  const known = state === undefined || state === "active" ? null : because[state];
  return `Your team is no longer in this competition${known ? `: ${known}` : ""}.`;
}

function requireTaken({ name, definition, ...round }: RoundRow, { kind, trial }: Submit): void {
  if (!definition.accepts.includes(kind))
    throw new DomainError(
      "invalid_request",
      `Round "${name}" takes no submission of kind ${kind}: it takes ${definition.accepts.join(", ")}.`,
    );
  if (trial && !(round.sampleInputsTree && round.sampleLabelsTree))
    throw new DomainError(
      "invalid_request",
      `Round "${name}" has no public sample to try on. Submit without trial (-t), or ask the organizer for a sample.`,
    );
}
