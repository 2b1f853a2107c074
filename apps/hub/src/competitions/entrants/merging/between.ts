import { DomainError } from "@podium/shared";
import type { Context } from "../../../platform/context.ts";
import type { Tx } from "../../../platform/database.ts";
import { lockTeams, type Person, peopleOf, type TeamRow } from "../../../teams/index.ts";
import { type CompetitionRow, countTries, type EntrantRow, lockEntrant, type RoundRow } from "../../store.ts";
import { dayStart } from "../../submissions/limits.ts";
import { requireEligible, requireUnlocked } from "../eligibility.ts";
import { tooManyMade } from "../merge-rule.ts";
import { holdRounds, underWayOf } from "../store.ts";

export interface Party {
  entrant: EntrantRow;
  team: TeamRow;
  people: Person[];
}
export interface Parties {
  competition: CompetitionRow;
  rounds: RoundRow[];
  from: Party;
  into: Party;
}

/**
 * Both sides of a merge, with their teams, rounds and entrants locked, each kind in one order for everybody.
 * @throws DomainError `conflict` when one of them is no more
 */
export async function lockParties(
  tx: Tx,
  competition: CompetitionRow,
  fromEntrant: EntrantRow,
  intoEntrant: EntrantRow,
): Promise<Parties> {
  const teams = await lockTeams(tx, [fromEntrant.teamId, intoEntrant.teamId]);
  const rounds = await holdRounds(tx, competition.id);
  const locked = new Map<string, EntrantRow | null>();
  for (const id of [fromEntrant.id, intoEntrant.id].sort()) locked.set(id, await lockEntrant(tx, id));
  const partyOf = async ({ id, teamId }: EntrantRow): Promise<Party> => {
    const entrant = locked.get(id);
    const team = teams.find((each) => each.id === teamId);
    // It may have gone to a new team while this waited for its locks.
    if (!entrant || !team || entrant.teamId !== teamId)
      throw new DomainError(
        "conflict",
        "One of the two has changed just now. Look again: podium competition merge ls.",
      );
    return { entrant, team, people: await peopleOf(tx, teamId) };
  };
  return { competition, rounds, from: await partyOf(fromEntrant), into: await partyOf(intoEntrant) };
}

/** @throws DomainError `conflict` that says why the two may not become one, now */
export async function requireMergeable(ctx: Context, tx: Tx, parties: Parties): Promise<void> {
  const { competition, rounds, from, into } = parties;
  const { definition, name } = competition;
  const now = ctx.clock.now();
  const refuse = (why: string): never => {
    throw new DomainError("conflict", `"${from.team.slug}" and "${into.team.slug}" can't merge: ${why}.`);
  };
  if (!definition.teams.merges) refuse(`"${name}" allows no merges`);
  requireUnlocked(definition, from.team.slug, now);
  for (const { entrant, team } of [from, into])
    if (entrant.state !== "active") refuse(`"${team.slug}" is ${entrant.state}`);
  if (from.entrant.round !== into.entrant.round) refuse("they are in different rounds");
  const round = rounds.find(({ number }) => number === into.entrant.round);
  if (!round || round.state === "closing" || round.state === "closed") refuse("their round is over");
  const people = new Map([...from.people, ...into.people].map((person) => [person.id, person]));
  requireEligible(definition, into.team.slug, [...people.values()]);
  await requireFewMade(tx, parties, now, refuse);
  for (const { entrant, team } of [from, into]) {
    const waiting = (await underWayOf(tx, entrant.id)).length;
    if (waiting > 0) refuse(`${waiting} submissions of "${team.slug}" are under way; wait for them to end`);
  }
}

async function requireFewMade(
  tx: Tx,
  { rounds, from, into }: Parties,
  now: Date,
  refuse: (why: string) => never,
): Promise<void> {
  for (const { id, name, openedAt, closedAt, definition } of rounds) {
    if (!openedAt) continue;
    const tries = [from, into].map(({ entrant }) => countTries(tx, entrant.id, id, dayStart(now)));
    const made = (await Promise.all(tries)).reduce((sum, { all }) => sum + all, 0);
    const why = tooManyMade({ name, limits: definition.limits, openedAt, closedAt, made }, now);
    if (why) refuse(why);
  }
}
