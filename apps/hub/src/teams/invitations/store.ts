import { and, count, desc, eq, gt, type SQL } from "drizzle-orm";
import { users } from "../../accounts/schema.ts";
import type { Db, Tx } from "../../platform/database.ts";
import { invitations, teams } from "../schema.ts";

export type InvitationRow = typeof invitations.$inferSelect;
/** No list of these is longer. */
const LISTED = 200;

export async function insertInvitation(tx: Tx, row: typeof invitations.$inferInsert): Promise<void> {
  await tx.insert(invitations).values(row);
}

const shownQuery = (db: Db | Tx, where: SQL | undefined) =>
  db
    .select({ invitation: invitations, team: teams.slug, inviter: users.name })
    .from(invitations)
    .innerJoin(teams, eq(teams.id, invitations.organizationId))
    .innerJoin(users, eq(users.id, invitations.inviterId))
    .where(where);
export type ShownInvitation = Awaited<ReturnType<typeof shownQuery>>[number];

export async function findInvitation(db: Db | Tx, id: string): Promise<ShownInvitation | null> {
  const [row] = await shownQuery(db, eq(invitations.id, id));
  return row ?? null;
}

/** Newest first. */
export function invitationsOfTeam(db: Db | Tx, teamId: string): Promise<ShownInvitation[]> {
  return shownQuery(db, eq(invitations.organizationId, teamId)).orderBy(desc(invitations.id)).limit(LISTED);
}

/** Those that wait for the answer of who has this address. */
export function invitationsTo(db: Db | Tx, email: string, now: Date): Promise<ShownInvitation[]> {
  return shownQuery(db, and(eq(invitations.email, email.toLowerCase()), isWaiting(now)))
    .orderBy(desc(invitations.id))
    .limit(LISTED);
}

const isWaiting = (now: Date) => and(eq(invitations.status, "pending"), gt(invitations.expiresAt, now));

export async function isInvited(db: Db | Tx, teamId: string, email: string, now: Date): Promise<boolean> {
  const rows = await db
    .select({ id: invitations.id })
    .from(invitations)
    .where(and(eq(invitations.organizationId, teamId), eq(invitations.email, email), isWaiting(now)))
    .limit(1);
  return rows.length > 0;
}

/** How many of a team wait for an answer, and how many its inviter has made since. */
export async function countInvitations(
  tx: Tx,
  of: { teamId: string; inviterId: string },
  now: Date,
  since: Date,
) {
  const [waiting] = await tx
    .select({ n: count() })
    .from(invitations)
    .where(and(eq(invitations.organizationId, of.teamId), isWaiting(now)));
  const [made] = await tx
    .select({ n: count() })
    .from(invitations)
    .where(and(eq(invitations.inviterId, of.inviterId), gt(invitations.createdAt, since)));
  return { waiting: waiting?.n ?? 0, made: made?.n ?? 0 };
}

/** Answers an invitation that still waits. @returns false when it had been answered before */
export async function settleInvitation(
  tx: Tx,
  id: string,
  status: Exclude<InvitationRow["status"], "pending">,
): Promise<boolean> {
  const rows = await tx
    .update(invitations)
    .set({ status })
    .where(and(eq(invitations.id, id), eq(invitations.status, "pending")))
    .returning({ id: invitations.id });
  return rows.length === 1;
}

export async function noteMailed(db: Db | Tx, id: string, now: Date): Promise<void> {
  await db.update(invitations).set({ mailedAt: now }).where(eq(invitations.id, id));
}
