import { DomainError } from "@podium/shared";
import { type Context, requireUser } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { emit } from "../../platform/outbox.ts";
import {
  findCompetition,
  findSubmission,
  holdRound,
  lockEntrant,
  lockSubmission,
  type SubmissionRow,
  updateSubmission,
} from "../store.ts";
import { numbersSelected } from "./store.ts";
import { submissionIds } from "./submit.ts";

/**
 * Chooses a scored submission to count on the final board, or lets go of it, until its round closes. Choosing what is
 * chosen changes nothing.
 * @throws DomainError `not_found`, `conflict` (the contest has no choice, it has no score, as many are chosen as may be),
 *   `round_not_open`, `not_an_entrant`
 */
export async function selectSubmission(
  ctx: Context,
  tx: Tx,
  input: { id: string; selected: boolean },
): Promise<void> {
  const known = await ownSubmission(ctx, tx, input.id);
  const round = await holdRound(tx, known.roundId);
  const entrant = await lockEntrant(tx, known.entrantId);
  const submission = await lockSubmission(tx, known.id);
  const found = await findCompetition(tx, { id: known.competitionId });
  if (!round || !entrant || !submission || !found) throw new Error(`Submission ${known.id} is gone.`);
  const most = mostSelected(found.competition.definition.leaderboard.final);
  if (round.state !== "open" || (round.closesAt !== null && round.closesAt <= ctx.clock.now()))
    throw new DomainError(
      "round_not_open",
      `Round "${round.name}" has closed: what was chosen by then counts.`,
    );
  if (entrant.state !== "active")
    throw new DomainError("not_an_entrant", "Your team is no longer in this competition.");
  if (submission.selected === input.selected) return;
  if (input.selected) {
    requireScored(submission);
    const chosen = await numbersSelected(tx, entrant.id, round.id);
    if (chosen.length >= most)
      throw new DomainError(
        "conflict",
        `${chosen.length === 1 ? "Number" : "Numbers"} ${chosen.join(", ")} of this round ${chosen.length === 1 ? "is" : "are"} chosen, which is as many as may be. Let go of one first: podium competition select ${found.competition.name} ${chosen[0]} --undo.`,
      );
  }
  await updateSubmission(tx, submission.id, { selected: input.selected });
  await emit(ctx, tx, { type: "submission.changed", ...submissionIds(submission) });
}

/** A submission of one of the actor's teams. @throws DomainError `not_found` */
export async function ownSubmission(ctx: Context, tx: Tx, id: string): Promise<SubmissionRow> {
  const { teams } = requireUser(ctx);
  const submission = await findSubmission(tx, { id });
  if (!submission || !teams.some((team) => team.id === submission.teamId))
    throw new DomainError("not_found", `Your teams have no submission ${id}.`);
  return submission;
}

type Final = "best" | "last" | { selected: number };

function mostSelected(final: Final): number {
  if (typeof final === "object") return final.selected;
  throw new DomainError(
    "conflict",
    `In this contest the ${final} submission counts in the end: there is nothing to choose.`,
  );
}

function requireScored({ state, trial, number }: SubmissionRow): void {
  if (trial)
    throw new DomainError("conflict", `Number ${number} is a trial run: it has no part in the contest.`);
  if (state !== "scored")
    throw new DomainError(
      "conflict",
      `Submission ${number} is ${state}: only one that has a score can be chosen.`,
    );
}
