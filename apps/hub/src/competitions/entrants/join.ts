import { DomainError } from "@podium/shared";
import { grantDataset } from "../../data/index.ts";
import { type Context, type Membership, requireUser, resolveTeam } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { lockTeams, peopleOf } from "../../teams/index.ts";
import {
  type CompetitionRow,
  type EntrantRow,
  findCompetition,
  findEntrant,
  holdRound,
  insertEntrant,
  listRounds,
  lockEntrant,
  type RoundRow,
} from "../store.ts";
import { requireEligible } from "./eligibility.ts";
import { emitChanged } from "./emit-changed.ts";
import { enrolAll, refuseOrganizers } from "./follow-members.ts";
import { updateEntrant } from "./store.ts";
import { requireAgreement, termsHash } from "./terms.ts";

export interface Join {
  name: string;
  team?: string | undefined;
  /** SHA-256 of the terms that are agreed to */
  terms?: string | undefined;
}

/**
 * Enters a team into a competition, with all its people, while its first round is not over. Joining twice is joining
 * once, and agreeing to the terms as they are now.
 * @throws DomainError `not_found`, `round_not_open` once it takes nobody, `conflict` for the terms, a person who takes part
 *   with another team, or too many; `forbidden` for who is not eligible; `not_an_entrant` for who has withdrawn or is banned
 */
export async function joinCompetition(
  ctx: Context,
  tx: Tx,
  input: Join,
): Promise<{ entrant: EntrantRow; team: Membership }> {
  const team = resolveTeam(ctx, input.team);
  const found = await findCompetition(tx, { name: input.name });
  if (!found) throw new DomainError("not_found", `There is no competition called "${input.name}".`);
  const { competition } = found;
  // Held, so that nobody joins or leaves the team meanwhile.
  await lockTeams(tx, [team.id]);
  const [firstRound] = await listRounds(tx, competition.id);
  // Held, so that a round that opens at this moment grants its data to this entrant too.
  const first = firstRound ? await holdRound(tx, firstRound.id) : null;
  const known = await findEntrant(tx, competition.id, team.id);
  const entrant = known
    ? await agreeAgain(ctx, tx, competition, known, input.terms)
    : await enter(ctx, tx, competition, { team, first, terms: input.terms });
  return { entrant, team };
}

async function enter(
  ctx: Context,
  tx: Tx,
  competition: CompetitionRow,
  { team, first, terms }: { team: Membership; first: RoundRow | null; terms: string | undefined },
): Promise<EntrantRow> {
  const now = ctx.clock.now();
  const { name, definition } = competition;
  if (!first || first.state === "closing" || first.state === "closed")
    throw new DomainError("round_not_open", `"${name}" takes no new entrants: its first round is over.`);
  const until = definition.eligibility?.join_until;
  if (until !== undefined && new Date(until) <= now)
    throw new DomainError("round_not_open", `"${name}" takes no new entrants since ${until}.`);
  const people = await peopleOf(tx, team.id);
  requireEligible(definition, team.slug, people);
  await refuseOrganizers(
    tx,
    competition,
    people.map(({ id }) => id),
  );
  requireAgreement(competition, terms);
  const id = ctx.ids.next("entrant");
  const row = {
    id,
    competitionId: competition.id,
    teamId: team.id,
    state: "active" as const,
    round: first.number,
    joinedAt: now,
    ...agreement(ctx, competition),
  };
  await insertEntrant(tx, row);
  await enrolAll(tx, row, name, people, now);
  if (first.state === "open") await grantDataset(tx, first.datasetId, [team.id], now);
  await emitChanged(ctx, tx, row);
  const entrant = await findEntrant(tx, competition.id, team.id);
  if (!entrant) throw new Error("The entrant was not stored.");
  return entrant;
}

async function agreeAgain(
  ctx: Context,
  tx: Tx,
  competition: CompetitionRow,
  known: EntrantRow,
  terms: string | undefined,
): Promise<EntrantRow> {
  const entrant = (await lockEntrant(tx, known.id)) ?? known;
  if (entrant.state !== "active" && entrant.state !== "eliminated")
    throw new DomainError(
      "not_an_entrant",
      `Your team can't join "${competition.name}" again: it ${GONE[entrant.state]}.`,
    );
  if (terms === undefined || terms === entrant.termsHash) return entrant;
  requireAgreement(competition, terms);
  const agreed = agreement(ctx, competition);
  await updateEntrant(tx, entrant.id, agreed);
  await emitChanged(ctx, tx, entrant);
  return { ...entrant, ...agreed };
}

const GONE = {
  withdrawn: "has withdrawn",
  banned: "is excluded by the organizer",
  merged: "has become part of another entrant",
};

function agreement(ctx: Context, { definition }: CompetitionRow) {
  const hash = termsHash(definition);
  return { termsHash: hash, termsAcceptedBy: hash === null ? null : requireUser(ctx).userId };
}
