import { DomainError } from "@podium/shared";
import { type Context, resolveTeam } from "../../../platform/context.ts";
import type { Tx } from "../../../platform/database.ts";
import { emit } from "../../../platform/outbox.ts";
import { findCompetition, findEntrant } from "../../store.ts";
import { requireLeader } from "../find-entry.ts";
import { findEntry } from "../store.ts";
import { lockParties, requireMergeable } from "./between.ts";
import { insertMerge, openProposals } from "./store.ts";

/** Proposals of one entrant that may wait for an answer at once. */
const OPEN_AT_ONCE = 10;

/**
 * Asks another entrant to become one with the actor's: nothing happens until it agrees.
 * @throws DomainError `not_found`, `not_an_entrant`, `forbidden`, `conflict` when they could not merge now, `limit_reached`
 */
export async function proposeMerge(
  ctx: Context,
  tx: Tx,
  input: { name: string; team?: string | undefined; into: string },
): Promise<{ id: string }> {
  const team = resolveTeam(ctx, input.team);
  const found = await findCompetition(tx, { name: input.name });
  if (!found) throw new DomainError("not_found", `There is no competition called "${input.name}".`);
  const { competition } = found;
  const from = await findEntrant(tx, competition.id, team.id);
  if (!from) throw new DomainError("not_an_entrant", `Team "${team.slug}" takes no part in "${input.name}".`);
  await requireLeader(ctx, tx, team.id);
  const into = await findEntry(tx, competition.id, input.into);
  if (!into) throw new DomainError("not_found", `No team "${input.into}" takes part in "${input.name}".`);
  if (into.id === from.id)
    throw new DomainError("invalid_request", "An entrant can't merge with itself: name another team.");
  await requireMergeable(ctx, tx, await lockParties(tx, competition, from, into));
  const open = await openProposals(tx, from.id);
  if (open.some(({ intoEntrantId }) => intoEntrantId === into.id))
    throw new DomainError("conflict", `You have proposed that to "${input.into}" already: it has to answer.`);
  if (open.length >= OPEN_AT_ONCE)
    throw new DomainError(
      "limit_reached",
      `${open.length} proposals of yours wait for an answer: withdraw some.`,
    );
  const id = ctx.ids.next("entrantMerge");
  await insertMerge(tx, {
    id,
    competitionId: competition.id,
    fromEntrantId: from.id,
    intoEntrantId: into.id,
    state: "proposed",
    proposedBy: ctx.actor.kind === "user" ? ctx.actor.userId : null,
    proposedAt: ctx.clock.now(),
  });
  await emit(ctx, tx, { type: "merge.changed", merge_id: id });
  return { id };
}
