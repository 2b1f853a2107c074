import { DomainError, type Id } from "@podium/shared";
import { type Context, mayUseTeam, requireUser } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { emit } from "../../platform/outbox.ts";
import {
  type CompetitionRow,
  findCompetition,
  findRound,
  lockRound,
  type RoundRow,
  updateRound,
} from "../store.ts";

/**
 * Closes a round for submissions. It counts as closed once those that were accepted have ended and the
 * survivors are known (see leaderboards/conclude.ts).
 * @throws DomainError `conflict` when it is not open
 */
export async function closeRound(ctx: Context, tx: Tx, roundId: string): Promise<void> {
  const round = await lockRound(tx, roundId);
  if (round?.state !== "open")
    throw new DomainError(
      "conflict",
      `This round is ${round?.state ?? "gone"}: only an open round can be closed.`,
    );
  await updateRound(tx, round.id, { state: "closing", pausedAt: null });
  await emit(ctx, tx, {
    type: "round.closing",
    competition_id: round.competitionId as Id<"competition">,
    round_id: round.id as Id<"round">,
  });
}

/** A round and its competition, for the organizer. @throws DomainError `not_found`, `forbidden` */
export async function roundOfOrganizer(
  ctx: Context,
  name: string,
  roundName: string,
): Promise<{ competition: CompetitionRow; round: RoundRow }> {
  requireUser(ctx);
  const found = await findCompetition(ctx.db, { name });
  const round = found
    ? await findRound(ctx.db, { competitionId: found.competition.id, name: roundName })
    : null;
  if (!found || !round)
    throw new DomainError("not_found", `There is no round "${roundName}" of a competition called "${name}".`);
  if (!mayUseTeam(ctx, found.competition.teamId))
    throw new DomainError("forbidden", "Only the organizer of this competition may do that.");
  return { competition: found.competition, round };
}
