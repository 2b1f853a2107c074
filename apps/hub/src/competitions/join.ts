import { DomainError, type Id } from "@podium/shared";
import { grantDataset } from "../data/index.ts";
import { type Context, type Membership, resolveTeam } from "../platform/context.ts";
import type { Tx } from "../platform/database.ts";
import {
  type EntrantRow,
  findCompetition,
  findEntrant,
  holdRound,
  insertEntrant,
  listRounds,
} from "./store.ts";

/**
 * Enters a team into a competition, while its first round is not over; joining twice is joining once.
 * @throws DomainError `not_found`, `round_not_open` once round 1 has closed
 */
export async function joinCompetition(
  ctx: Context,
  tx: Tx,
  input: { name: string; team?: string | undefined },
): Promise<{ entrant: EntrantRow; team: Membership }> {
  const team = resolveTeam(ctx, input.team);
  const found = await findCompetition(tx, { name: input.name });
  if (!found) throw new DomainError("not_found", `There is no competition called "${input.name}".`);
  const { competition } = found;
  const [firstRound] = await listRounds(tx, competition.id);
  // Held, so that a round that opens at this moment grants its data to this entrant too.
  const first = firstRound ? await holdRound(tx, firstRound.id) : null;
  const known = await findEntrant(tx, competition.id, team.id);
  if (known) return { entrant: known, team };
  if (!first || first.state === "closing" || first.state === "closed") {
    throw new DomainError(
      "round_not_open",
      `"${input.name}" takes no new entrants: its first round is over.`,
    );
  }
  const now = ctx.clock.now();
  const id = ctx.ids.next("entrant") as Id<"entrant">;
  await insertEntrant(tx, {
    id,
    competitionId: competition.id,
    teamId: team.id,
    state: "active",
    round: first.number,
    joinedAt: now,
  });
  if (first.state === "open") await grantDataset(tx, first.datasetId, [team.id], now);
  const entrant = await findEntrant(tx, competition.id, team.id);
  if (!entrant) throw new Error("The entrant was not stored.");
  return { entrant, team };
}
