import { DomainError, type EntrantMerge, type Id } from "@podium/shared";
import type { Context } from "../../../platform/context.ts";
import type { Tx } from "../../../platform/database.ts";
import { emit } from "../../../platform/outbox.ts";
import { newTeam, takeIn } from "../../../teams/index.ts";
import { recordChange } from "../../history/record-change.ts";
import { findEntrantById } from "../../store.ts";
import { emitChanged } from "../emit-changed.ts";
import { requireLeader } from "../find-entry.ts";
import { followMembers } from "../follow-members.ts";
import { grantOpened } from "../grant-opened.ts";
import { enrolWith, updateEntrant } from "../store.ts";
import { lockParties, type Parties, requireMergeable } from "./between.ts";
import { showMerge, visibleMerge } from "./find.ts";
import { endMerge, endProposalsOf, giveToTeam, moveSubmissions } from "./store.ts";

/**
 * Makes two entrants one, all at once: the people of the one that proposed it join the other's team (or a new one, where
 * that is somebody's personal team), and its submissions become the other's. No credit moves.
 * @throws DomainError `not_found`, `forbidden`, `conflict` when they may not merge (any more), `invalid_request`
 */
export async function acceptMerge(
  ctx: Context,
  tx: Tx,
  input: { name: string; id: string; team?: string | undefined },
): Promise<EntrantMerge> {
  const { competition, shown } = await visibleMerge(ctx, tx, input);
  await requireLeader(ctx, tx, shown.intoTeamId);
  const { fromEntrantId, intoEntrantId } = shown.merge;
  const [from, into] = [await findEntrantById(tx, fromEntrantId), await findEntrantById(tx, intoEntrantId)];
  if (!from || !into) throw new Error(`Merge ${input.id} names entrants that are gone.`);
  const parties = await lockParties(tx, competition, from, into);
  const now = ctx.clock.now();
  if (!(await endMerge(tx, input.id, "done", now)))
    throw new DomainError("conflict", "This proposal has been answered or taken back already.");
  await requireMergeable(ctx, tx, parties);

  await enrolWith(tx, from.id, into.id);
  const team = await sharedTeam(ctx, tx, parties, input.team);
  const numbers = await moveSubmissions(tx, from.id, { entrantId: into.id, teamId: team.id });
  const lastPriority = Math.max(parties.from.entrant.lastPriority, parties.into.entrant.lastPriority);
  await updateEntrant(tx, from.id, { state: "merged", mergedInto: into.id });
  await updateEntrant(tx, into.id, { teamId: team.id, lastPriority });
  const ended = await endProposalsOf(tx, from.id, now);
  await grantOpened(tx, parties.rounds, { teamId: team.id, round: into.round }, now);
  await recordChange(ctx, tx, {
    competitionId: competition.id,
    entrantId: into.id,
    action: "merged",
    details: {
      merge: input.id,
      from: parties.from.team.slug,
      into: parties.into.team.slug,
      team: team.slug,
      numbers,
    },
  });
  await emitChanged(ctx, tx, from);
  await emitChanged(ctx, tx, into);
  for (const id of [shown.merge.id, ...ended])
    await emit(ctx, tx, { type: "merge.changed", merge_id: id as Id<"entrantMerge"> });
  // Shown with the names that were: a new team may be unknown to who asked.
  return showMerge({ ...shown, merge: { ...shown.merge, state: "done", endedAt: now } });
}

/** The team of the merged entrant, with the people of both. */
async function sharedTeam(
  ctx: Context,
  tx: Tx,
  { from, into }: Parties,
  slug: string | undefined,
): Promise<{ id: string; slug: string }> {
  const known = new Set(into.people.map(({ id }) => id));
  const joining = from.people.filter(({ id }) => !known.has(id));
  if (!into.team.personal) {
    // Their team may take part elsewhere too, where its size and its people have to be right as well.
    for (const person of joining)
      await takeIn(ctx, tx, into.team, { ...person, role: "member" }, [followMembers]);
    return into.team;
  }
  if (slug === undefined)
    throw new DomainError(
      "invalid_request",
      `"${into.team.slug}" is a personal team and takes no members: name a new team for all of you (--as NAME).`,
    );
  const team = await newTeam(ctx, tx, { slug, owners: into.people, members: joining });
  await giveToTeam(tx, into.entrant.id, team.id);
  return team;
}
