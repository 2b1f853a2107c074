import { DomainError } from "@podium/shared";
import type { Context } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { type MemberChange, type MemberRule, peopleOf } from "../../teams/index.ts";
import { type EntrantRow, lockEntrant } from "../store.ts";
import { requireEligible, requireUnlocked } from "./eligibility.ts";
import { amongTeam, contestedBy, enrol, entriesOf, hasSubmitted, unenrol } from "./store.ts";

/** Holds a contest's rules about teams when one that takes part gains or loses a member. @throws DomainError `conflict`, `forbidden` */
export const followMembers: MemberRule = (ctx, tx, change) =>
  change.kind === "joins" ? memberJoins(ctx, tx, change) : memberLeaves(ctx, tx, change);

async function memberJoins(ctx: Context, tx: Tx, { team, user }: MemberChange): Promise<void> {
  const [contest] = await contestedBy(tx, team.id, user.id);
  if (contest)
    throw new DomainError(
      "conflict",
      `"${team.slug}" organizes "${contest.name}", in which ${user.name} takes part: organizers see its labels.`,
    );
  const now = ctx.clock.now();
  for (const { entrant, competition } of await entriesOf(tx, team.id)) {
    // Whoever joins a team that is out is not bound by that, and free to take part with another.
    if (isOut(entrant)) continue;
    const { definition } = competition;
    requireUnlocked(definition, team.slug, now);
    requireEligible(definition, team.slug, [...(await peopleOf(tx, team.id)), user]);
    await refuseOrganizers(tx, competition, [user.id]);
    await enrolAll(tx, entrant, competition.name, [user], now);
  }
}

async function memberLeaves(ctx: Context, tx: Tx, { team, user }: MemberChange): Promise<void> {
  for (const { entrant, competition } of await entriesOf(tx, team.id)) {
    if (isOut(entrant)) continue;
    requireUnlocked(competition.definition, team.slug, ctx.clock.now());
    // Locked, so that it can't submit in between. Who has had tries gets no others elsewhere.
    const current = await lockEntrant(tx, entrant.id);
    if (current?.state === "active" && !(await hasSubmitted(tx, entrant.id)))
      await unenrol(tx, entrant.id, user.id);
  }
}

const isOut = ({ state }: EntrantRow) => state === "withdrawn" || state === "banned";

/** The organizer's people see the labels: none of them takes part. @throws DomainError `forbidden` */
export async function refuseOrganizers(
  tx: Tx,
  competition: { name: string; teamId: string },
  userIds: readonly string[],
): Promise<void> {
  const among = await amongTeam(tx, competition.teamId, userIds);
  if (among.length > 0)
    throw new DomainError(
      "forbidden",
      `Who organizes "${competition.name}" sees its labels and can't take part: ${among.join(", ")}.`,
    );
}

/** Enrols people with an entrant; each may take part with one alone. @throws DomainError `conflict` */
export async function enrolAll(
  tx: Tx,
  entrant: { id: string; competitionId: string },
  competition: string,
  people: readonly { id: string; name: string }[],
  now: Date,
): Promise<void> {
  const ids = people.map(({ id }) => id);
  const elsewhere = (await enrol(tx, entrant, ids, now)).find(({ entrantId }) => entrantId !== entrant.id);
  if (!elsewhere) return;
  const person = people.find(({ id }) => id === elsewhere.userId);
  throw new DomainError(
    "conflict",
    `${person?.name} takes part in "${competition}" already, with team "${elsewhere.team}": everybody may with one team only.`,
  );
}
