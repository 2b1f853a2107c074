import { and, asc, eq, inArray, ne, sql } from "drizzle-orm";
import { users } from "../../accounts/schema.ts";
import type { Db, Tx } from "../../platform/database.ts";
import { members, teams } from "../../teams/schema.ts";
import { competitions, entrantMembers, entrants, rounds, submissions } from "../schema.ts";
import { type EntrantRow, isUnderWay, type RoundRow } from "../store.ts";

/** Holds all rounds of a competition as they are: none can be opened or closed meanwhile. */
export function holdRounds(tx: Tx, competitionId: string): Promise<RoundRow[]> {
  return tx
    .select()
    .from(rounds)
    .where(eq(rounds.competitionId, competitionId))
    .orderBy(rounds.number)
    .for("share");
}

export async function updateEntrant(
  tx: Tx,
  id: string,
  set: Partial<typeof entrants.$inferInsert>,
): Promise<void> {
  await tx.update(entrants).set(set).where(eq(entrants.id, id));
}

/** Enrols people with an entrant, in one order for everybody. @returns those who took part already, with another or this one */
export async function enrol(
  tx: Tx,
  entrant: { id: string; competitionId: string },
  userIds: readonly string[],
  now: Date,
): Promise<{ userId: string; entrantId: string; team: string }[]> {
  if (userIds.length === 0) return [];
  const rows = userIds.toSorted().map((userId) => ({
    competitionId: entrant.competitionId,
    userId,
    entrantId: entrant.id,
    addedAt: now,
  }));
  const inserted = await tx
    .insert(entrantMembers)
    .values(rows)
    .onConflictDoNothing()
    .returning({ userId: entrantMembers.userId });
  const known = userIds.filter((id) => !inserted.some(({ userId }) => userId === id));
  return enrolled(tx, entrant.competitionId, known);
}

/** Which of these people take part, and with which team. */
async function enrolled(db: Db | Tx, competitionId: string, userIds: readonly string[]) {
  if (userIds.length === 0) return [];
  return db
    .select({ userId: entrantMembers.userId, entrantId: entrantMembers.entrantId, team: teams.slug })
    .from(entrantMembers)
    .innerJoin(entrants, eq(entrants.id, entrantMembers.entrantId))
    .innerJoin(teams, eq(teams.id, entrants.teamId))
    .where(
      and(eq(entrantMembers.competitionId, competitionId), inArray(entrantMembers.userId, [...userIds])),
    );
}

export async function unenrol(tx: Tx, entrantId: string, userId: string): Promise<void> {
  await tx
    .delete(entrantMembers)
    .where(and(eq(entrantMembers.entrantId, entrantId), eq(entrantMembers.userId, userId)));
}

/** All who take part with one entrant take part with another from now on. */
export async function enrolWith(tx: Tx, from: string, into: string): Promise<void> {
  await tx.update(entrantMembers).set({ entrantId: into }).where(eq(entrantMembers.entrantId, from));
}

const isOver = sql<boolean>`not exists (select 1 from rounds r where r.competition_id = ${competitions.id} and r.state <> 'closed')`;

/** Where a team takes part, in contests that are not over and no rehearsals; the oldest first. */
export function entriesOf(db: Db | Tx, teamId: string) {
  return db
    .select({ entrant: entrants, competition: competitions })
    .from(entrants)
    .innerJoin(competitions, eq(competitions.id, entrants.competitionId))
    .where(
      and(
        eq(entrants.teamId, teamId),
        ne(entrants.state, "merged"),
        eq(competitions.rehearsal, false),
        sql`not (${isOver})`,
      ),
    )
    .orderBy(competitions.id);
}

/** Contests, not over, that a team organizes and the user takes part in. */
export function contestedBy(db: Db | Tx, organizerTeamId: string, userId: string) {
  return db
    .select({ name: competitions.name })
    .from(entrantMembers)
    .innerJoin(entrants, eq(entrants.id, entrantMembers.entrantId))
    .innerJoin(competitions, eq(competitions.id, entrantMembers.competitionId))
    .where(
      and(
        eq(competitions.teamId, organizerTeamId),
        eq(entrantMembers.userId, userId),
        inArray(entrants.state, ["active", "eliminated"]),
        sql`not (${isOver})`,
      ),
    );
}

export async function hasSubmitted(db: Db | Tx, entrantId: string): Promise<boolean> {
  const rows = await db
    .select({ id: submissions.id })
    .from(submissions)
    .where(eq(submissions.entrantId, entrantId))
    .limit(1);
  return rows.length > 0;
}

/** Submissions of an entrant under way, oldest first. */
export async function underWayOf(db: Db | Tx, entrantId: string) {
  return db
    .select({ id: submissions.id })
    .from(submissions)
    .where(and(eq(submissions.entrantId, entrantId), isUnderWay))
    .orderBy(asc(submissions.id));
}

/** Whether others have gone on to a round after the entrant's. */
export async function othersAhead(db: Db | Tx, entrant: EntrantRow): Promise<boolean> {
  const rows = await db
    .select({ id: entrants.id })
    .from(entrants)
    .where(and(eq(entrants.competitionId, entrant.competitionId), sql`${entrants.round} > ${entrant.round}`))
    .limit(1);
  return rows.length > 0;
}

export async function findEntry(
  db: Db | Tx,
  competitionId: string,
  slug: string,
): Promise<EntrantRow | null> {
  const [row] = await db
    .select({ entrant: entrants })
    .from(entrants)
    .innerJoin(teams, eq(teams.id, entrants.teamId))
    .where(and(eq(entrants.competitionId, competitionId), eq(teams.slug, slug)));
  return row?.entrant ?? null;
}

const memberCount = sql<number>`(select count(*) from entrant_members m where m.entrant_id = ${entrants.id})::int`;
const mergedSlug = sql<
  string | null
>`(select t.slug from entrants o join teams t on t.id = o.team_id where o.id = ${entrants.mergedInto})`;

/** A page of who takes part, or the one entrant, with what is shown of them. */
export function listShownEntrants(
  db: Db | Tx,
  of: { competitionId: string; after?: string | undefined; limit: number } | { id: string },
) {
  const where =
    "id" in of
      ? eq(entrants.id, of.id)
      : and(
          eq(entrants.competitionId, of.competitionId),
          of.after ? sql`${entrants.id} > ${of.after}` : undefined,
        );
  return db
    .select({ entrant: entrants, team: teams.slug, members: memberCount, mergedInto: mergedSlug })
    .from(entrants)
    .innerJoin(teams, eq(teams.id, entrants.teamId))
    .where(where)
    .orderBy(entrants.id)
    .limit("id" in of ? 1 : of.limit);
}
export type ShownEntrant = Awaited<ReturnType<typeof listShownEntrants>>[number];

/** Names of these people who belong to a team. */
export async function amongTeam(db: Db | Tx, teamId: string, userIds: readonly string[]): Promise<string[]> {
  if (userIds.length === 0) return [];
  const rows = await db
    .select({ name: users.name })
    .from(members)
    .innerJoin(users, eq(users.id, members.userId))
    .where(and(eq(members.organizationId, teamId), inArray(members.userId, [...userIds])));
  return rows.map(({ name }) => name);
}
