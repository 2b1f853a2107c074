import { DomainError } from "@podium/shared";
import { type Context, isAdmin, requireUser } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { findTeam } from "../../teams/index.ts";
import {
  type CompetitionRow,
  type EntrantRow,
  findCompetition,
  lockEntrant,
  type RoundRow,
} from "../store.ts";
import { findEntry, holdRounds } from "./store.ts";

export interface Entry {
  competition: CompetitionRow;
  rounds: RoundRow[];
  entrant: EntrantRow;
  /** slug of its team */
  team: string;
}

/** An entrant by its team, with its contest's rounds held and itself locked. @throws DomainError `not_found` */
export async function lockEntry(ctx: Context, tx: Tx, name: string, team: string): Promise<Entry> {
  requireUser(ctx);
  const found = await findCompetition(tx, { name });
  if (!found) throw new DomainError("not_found", `There is no competition called "${name}".`);
  const { competition } = found;
  const rounds = await holdRounds(tx, competition.id);
  const known = await findEntry(tx, competition.id, team);
  const entrant = known ? await lockEntrant(tx, known.id) : null;
  if (!entrant) throw new DomainError("not_found", `No team "${team}" takes part in "${name}".`);
  return { competition, rounds, entrant, team };
}

/** For what binds a whole team. @throws DomainError `forbidden` unless the actor is its owner or one of its admins */
export async function requireLeader(ctx: Context, tx: Tx, teamId: string): Promise<void> {
  if (isAdmin(ctx)) return;
  const own = requireUser(ctx).teams.find(({ id }) => id === teamId);
  if (own && own.role !== "member") return;
  const team = await findTeam(tx, { id: teamId });
  throw new DomainError("forbidden", `Only an owner or admin of team "${team?.slug}" may do that.`);
}
