import { DomainError } from "@podium/shared";
import { type Context, mayUseTeam, requireUser } from "../../platform/context.ts";
import type { Db, Tx } from "../../platform/database.ts";
import { findCompetition } from "../store.ts";

/** A competition for those who organize it. @throws DomainError `not_found`, `forbidden` */
export async function organizedCompetition(ctx: Context, db: Db | Tx, name: string) {
  const found = await visibleCompetition(ctx, db, name);
  if (!mayUseTeam(ctx, found.competition.teamId))
    throw new DomainError("forbidden", "Only the organizer of this competition may do that.");
  return found;
}

/** A competition for whoever is logged in. @throws DomainError `not_found` */
export async function visibleCompetition(ctx: Context, db: Db | Tx, name: string) {
  requireUser(ctx);
  const found = await findCompetition(db, { name });
  if (!found) throw new DomainError("not_found", `There is no competition called "${name}".`);
  return found;
}
