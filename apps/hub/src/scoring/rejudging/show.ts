import { DomainError, type Id, type Rejudging } from "@podium/shared";
import { type CompetitionRow, findCompetition, findRound, type RoundRow } from "../../competitions/index.ts";
import { type Context, mayUseTeam, requireUser } from "../../platform/context.ts";
import { waitOfRejudging } from "../waiting/show-wait.ts";
import { differences } from "./differences.ts";
import { comparedSubmissions, findRejudging, progressOf, type RejudgingRow } from "./store.ts";

/** How many places are shown that would change. */
const SHOWN = 1000;

export interface OfRejudging {
  rejudging: RejudgingRow;
  competition: CompetitionRow;
  round: RoundRow;
}

/** A rejudging of the contest, for its organizer. @throws DomainError `not_found`, `forbidden` */
export async function rejudgingOfOrganizer(ctx: Context, name: string, id: string): Promise<OfRejudging> {
  requireUser(ctx);
  const found = await findCompetition(ctx.db, { name });
  if (found && !mayUseTeam(ctx, found.competition.teamId))
    throw new DomainError("forbidden", "Only the organizer of this competition may do that.");
  const rejudging = found ? await findRejudging(ctx.db, id) : null;
  const round = rejudging ? await findRound(ctx.db, { id: rejudging.roundId }) : null;
  if (!found || !round || rejudging?.competitionId !== found.competition.id)
    throw new DomainError("not_found", `There is no rejudging ${id} of a competition called "${name}".`);
  return { rejudging, competition: found.competition, round };
}

export async function showRejudging(ctx: Context, of: OfRejudging): Promise<Rejudging> {
  const { rejudging, competition, round } = of;
  return {
    id: rejudging.id as Id<"rejudging">,
    competition: competition.name,
    round: round.name,
    state: rejudging.state,
    applying: rejudging.state === "scoring" && rejudging.applyRequestedAt !== null,
    reason: rejudging.reason,
    ...(await progressOf(ctx.db, rejudging.id)),
    wait: await waitOfRejudging(ctx, rejudging),
    created_at: rejudging.createdAt.toISOString(),
    ended_at: rejudging.endedAt?.toISOString() ?? null,
  };
}

/** The same with whose score and rank would change. What is over has nothing that could. */
export async function showDifferences(ctx: Context, of: OfRejudging) {
  const { rejudging, competition, round } = of;
  const isOver = rejudging.state === "applied" || rejudging.state === "cancelled";
  const found = isOver
    ? []
    : differences(await comparedSubmissions(ctx.db, rejudging), competition.definition, round.definition);
  return { ...(await showRejudging(ctx, of)), changed: found.length, changes: found.slice(0, SHOWN) };
}
