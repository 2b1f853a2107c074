import type { Id } from "@podium/shared";
import { and, eq, inArray, sql } from "drizzle-orm";
import { users } from "../accounts/schema.ts";
import type { Membership, TeamRole } from "../platform/context.ts";
import type { Db, Tx } from "../platform/database.ts";
import { members, teams } from "./schema.ts";

export type TeamRow = typeof teams.$inferSelect;
export interface Person {
  id: string;
  name: string;
  email: string;
  role: TeamRole;
}

export async function findTeam(db: Db | Tx, by: { id: string } | { slug: string }): Promise<TeamRow | null> {
  const [row] = await db
    .select()
    .from(teams)
    .where("id" in by ? eq(teams.id, by.id) : eq(teams.slug, by.slug));
  return row ?? null;
}

/** Locks teams, in one order for everybody: who belongs to them changes only under this lock. */
export async function lockTeams(tx: Tx, ids: readonly string[]): Promise<TeamRow[]> {
  return tx
    .select()
    .from(teams)
    .where(inArray(teams.id, [...ids]))
    .orderBy(teams.id)
    .for("no key update");
}

/** A team's people with their addresses: for rules, not for answers. */
export function peopleOf(db: Db | Tx, teamId: string): Promise<Person[]> {
  return db
    .select({ id: users.id, name: users.name, email: users.email, role: members.role })
    .from(members)
    .innerJoin(users, eq(users.id, members.userId))
    .where(eq(members.organizationId, teamId))
    .orderBy(users.id);
}

export async function deleteMember(tx: Tx, teamId: string, userId: string): Promise<void> {
  await tx.delete(members).where(and(eq(members.organizationId, teamId), eq(members.userId, userId)));
}

export async function lockUser(tx: Tx, id: string): Promise<void> {
  await tx.select({ id: users.id }).from(users).where(eq(users.id, id)).for("no key update");
}

export async function insertTeam(
  tx: Tx,
  team: { id: Id<"team">; slug: string; personal: boolean; now: Date },
): Promise<boolean> {
  const { id, slug, personal, now } = team;
  const rows = await tx
    .insert(teams)
    .values({ id, slug, name: slug, personal, createdAt: now })
    .onConflictDoNothing()
    .returning();
  return rows.length === 1;
}

/** False when the user is a member already. */
export async function insertMember(
  tx: Tx,
  member: { id: string; teamId: string; userId: string; role: TeamRole; now: Date },
): Promise<boolean> {
  const { id, teamId, userId, role, now } = member;
  const rows = await tx
    .insert(members)
    .values({ id, organizationId: teamId, userId, role, createdAt: now })
    .onConflictDoNothing()
    .returning();
  return rows.length === 1;
}

const membershipsQuery = (db: Db | Tx) =>
  db
    .select({ id: teams.id, slug: teams.slug, role: members.role, personal: teams.personal })
    .from(members)
    .innerJoin(teams, eq(teams.id, members.organizationId))
    .where(eq(members.userId, sql.placeholder("userId")))
    .orderBy(teams.slug)
    .prepare("memberships_of");
const membershipsQueries = new WeakMap<Db | Tx, ReturnType<typeof membershipsQuery>>();

/** Every request of a user asks for them: built and planned once. */
export async function membershipsOf(db: Db | Tx, userId: string): Promise<Membership[]> {
  const query = membershipsQueries.get(db) ?? membershipsQuery(db);
  membershipsQueries.set(db, query);
  const rows = await query.execute({ userId });
  return rows.map((row) => ({ ...row, id: row.id as Id<"team"> }));
}

export function listMembers(db: Db | Tx, teamId: string) {
  return db
    .select({ user_id: users.id, name: users.name, role: members.role })
    .from(members)
    .innerJoin(users, eq(users.id, members.userId))
    .where(and(eq(members.organizationId, teamId)))
    .orderBy(users.name);
}
