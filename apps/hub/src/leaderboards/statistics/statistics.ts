import { DomainError } from "@podium/shared";
import { findCompetition } from "../../competitions/index.ts";
import { type Context, mayUseTeam, requireUser } from "../../platform/context.ts";
import { countJoined, daysOf, heaviest, participation, submitters } from "./store.ts";

const DAYS = 400;
const HEAVIEST = 20;

/**
 * How much was taken part, as it stands now: what Tables 3 and 4 of the NSML paper count for its contests. For the
 * organizer. @throws DomainError `not_found`, `forbidden`
 */
export async function competitionStatistics(ctx: Context, name: string) {
  requireUser(ctx);
  const found = await findCompetition(ctx.db, { name });
  if (!found) throw new DomainError("not_found", `There is no competition called "${name}".`);
  const { competition } = found;
  if (!mayUseTeam(ctx, competition.teamId))
    throw new DomainError("forbidden", "Only the organizer of this competition may see its statistics.");
  const users = await submitters(ctx.db, competition.id);
  const rounds = await participation(ctx.db, competition.id);
  return {
    competition: competition.name,
    joined: await countJoined(ctx.db, competition.id),
    rounds: rounds.map((round) => ({ ...round, users: users.get(round.round) ?? 0 })),
    days: (await daysOf(ctx.db, competition.id, DAYS)).reverse(),
    heaviest: await heaviest(ctx.db, competition.id, HEAVIEST),
  };
}
