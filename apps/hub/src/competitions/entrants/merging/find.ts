import { DomainError, type EntrantMerge, type Id } from "@podium/shared";
import { type Context, mayUseTeam, requireUser } from "../../../platform/context.ts";
import type { Db, Tx } from "../../../platform/database.ts";
import { findCompetition } from "../../store.ts";
import { findMerge, type ShownMerge } from "./store.ts";

/** A merge that the actor's team is part of, or of a competition of theirs. @throws DomainError `not_found` */
export async function visibleMerge(ctx: Context, db: Db | Tx, input: { name: string; id: string }) {
  requireUser(ctx);
  const found = await findCompetition(db, { name: input.name });
  const merge = found ? await findMerge(db, found.competition.id, input.id) : null;
  const concerned = [merge?.fromTeamId, merge?.intoTeamId, found?.competition.teamId];
  if (!found || !merge || !concerned.some((team) => team !== undefined && mayUseTeam(ctx, team)))
    throw new DomainError("not_found", `There is no merge ${input.id} of yours in "${input.name}".`);
  return { competition: found.competition, shown: merge };
}

export function showMerge({ merge, from, into }: ShownMerge): EntrantMerge {
  return {
    id: merge.id as Id<"entrantMerge">,
    from,
    into,
    state: merge.state,
    proposed_at: merge.proposedAt.toISOString(),
    ended_at: merge.endedAt?.toISOString() ?? null,
  };
}
