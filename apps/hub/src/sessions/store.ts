import type { SessionState } from "@podium/shared";
import { and, desc, eq, inArray, isNull, lt, or, type SQL, sql } from "drizzle-orm";
import { devices, nodes } from "../nodes/schema.ts";
import type { Db, Tx } from "../platform/database.ts";
import { teams } from "../teams/schema.ts";
import { allocations, attempts, sessionCounters, sessions } from "./schema.ts";

export type SessionRow = typeof sessions.$inferSelect;
export type AttemptRow = typeof attempts.$inferSelect;

export const LIVE_STATES = [
  "placing",
  "preparing",
  "running",
  "stopping",
] as const satisfies readonly SessionState[];
const LIVE_ATTEMPTS = ["placing", "preparing", "running", "stopping"] as const;

export async function nextNumber(tx: Tx, owner: string, dataset: string): Promise<number> {
  const [row] = await tx
    .insert(sessionCounters)
    .values({ owner, dataset, last: 1 })
    .onConflictDoUpdate({
      target: [sessionCounters.owner, sessionCounters.dataset],
      set: { last: sql`${sessionCounters.last} + 1` },
    })
    .returning();
  return row?.last ?? 1;
}

export async function insertSession(tx: Tx, row: typeof sessions.$inferInsert): Promise<SessionRow> {
  const [stored] = await tx.insert(sessions).values(row).returning();
  if (!stored) throw new Error("The session was not stored.");
  return stored;
}

export async function findSession(
  db: Db | Tx,
  by: { id: string } | { origin: string } | { name: string },
): Promise<SessionRow | null> {
  const where =
    "id" in by
      ? eq(sessions.id, by.id)
      : "origin" in by
        ? eq(sessions.origin, by.origin)
        : eq(sessions.name, by.name);
  const [row] = await db.select().from(sessions).where(where);
  return row ?? null;
}

export async function lockSession(tx: Tx, id: string): Promise<SessionRow | null> {
  const [row] = await tx.select().from(sessions).where(eq(sessions.id, id)).for("no key update");
  return row ?? null;
}

export async function updateSession(
  tx: Tx,
  id: string,
  set: Partial<typeof sessions.$inferInsert>,
): Promise<void> {
  await tx.update(sessions).set(set).where(eq(sessions.id, id));
}

/** Sessions that teams may see: their own, and hidden ones whose output is theirs. Null: all. */
function visible(teamIds: readonly string[] | null): SQL | undefined {
  if (teamIds === null) return undefined;
  if (teamIds.length === 0) return sql`false`;
  return or(
    and(eq(sessions.hidden, false), inArray(sessions.teamId, [...teamIds])),
    inArray(sessions.outputTeamId, [...teamIds]),
  );
}

const shown = { session: sessions, team: teams.slug, node: nodes.name };

export async function findVisible(db: Db | Tx, id: string, teamIds: readonly string[] | null) {
  const [row] = await db
    .select(shown)
    .from(sessions)
    .innerJoin(teams, eq(teams.id, sessions.teamId))
    .leftJoin(nodes, eq(nodes.id, sessions.nodeId))
    .where(and(eq(sessions.id, id), visible(teamIds)));
  return row ?? null;
}

export interface SessionFilter {
  state?: SessionState | undefined;
  kind?: SessionRow["kind"] | undefined;
  team?: string | undefined;
  name?: string | undefined;
}

/** Newest first; `before` is the id that the page before ended with. */
export function listVisible(
  db: Db | Tx,
  teamIds: readonly string[] | null,
  filter: SessionFilter,
  limit: number,
  before?: string,
) {
  return db
    .select(shown)
    .from(sessions)
    .innerJoin(teams, eq(teams.id, sessions.teamId))
    .leftJoin(nodes, eq(nodes.id, sessions.nodeId))
    .where(
      and(
        visible(teamIds),
        filter.state ? eq(sessions.state, filter.state) : undefined,
        filter.kind ? eq(sessions.kind, filter.kind) : undefined,
        filter.team ? eq(teams.slug, filter.team) : undefined,
        filter.name ? eq(sessions.name, filter.name) : undefined,
        before ? lt(sessions.id, before) : undefined,
      ),
    )
    .orderBy(desc(sessions.id))
    .limit(limit);
}

export function listQueued(db: Db | Tx, limit: number) {
  return db
    .select()
    .from(sessions)
    .where(eq(sessions.state, "queued"))
    .orderBy(desc(sessions.priority), sessions.id)
    .limit(limit);
}

/** Sessions that occupy a node now: the demand side of the supply left. */
export function listLive(db: Db | Tx) {
  return db
    .select({
      id: sessions.id,
      nodeId: attempts.nodeId,
      teamId: sessions.teamId,
      resources: sessions.resources,
    })
    .from(attempts)
    .innerJoin(sessions, eq(sessions.id, attempts.sessionId))
    .where(inArray(attempts.state, [...LIVE_ATTEMPTS]));
}

export async function heldDevices(db: Db | Tx): Promise<Set<string>> {
  const rows = await db
    .select({ id: allocations.deviceId })
    .from(allocations)
    .where(isNull(allocations.releasedAt));
  return new Set(rows.map((row) => row.id));
}

export async function insertAttempt(tx: Tx, row: typeof attempts.$inferInsert): Promise<void> {
  await tx.insert(attempts).values(row);
}

/** False when one of the devices is held by another live attempt: the database decides. */
export async function allocate(tx: Tx, rows: readonly (typeof allocations.$inferInsert)[]): Promise<boolean> {
  if (rows.length === 0) return true;
  const inserted = await tx
    .insert(allocations)
    .values([...rows])
    .onConflictDoNothing()
    .returning();
  return inserted.length === rows.length;
}

export async function releaseDevices(tx: Tx, attemptId: string, now: Date): Promise<void> {
  await tx
    .update(allocations)
    .set({ releasedAt: now })
    .where(and(eq(allocations.attemptId, attemptId), isNull(allocations.releasedAt)));
}

export function devicesOf(db: Db | Tx, attemptId: string) {
  return db
    .select({ index: devices.index, model: devices.model })
    .from(allocations)
    .innerJoin(devices, eq(devices.id, allocations.deviceId))
    .where(eq(allocations.attemptId, attemptId))
    .orderBy(devices.index);
}

export async function findAttempt(
  db: Db | Tx,
  id: string,
): Promise<{ attempt: AttemptRow; session: SessionRow } | null> {
  const [row] = await db
    .select({ attempt: attempts, session: sessions })
    .from(attempts)
    .innerJoin(sessions, eq(sessions.id, attempts.sessionId))
    .where(eq(attempts.id, id));
  return row ?? null;
}

/** The session whose current attempt this is; null for a stale one. */
export async function findSessionOfAttempt(db: Db | Tx, attemptId: string): Promise<SessionRow | null> {
  const [row] = await db.select().from(sessions).where(eq(sessions.attemptId, attemptId));
  return row ?? null;
}

export async function updateAttempt(
  tx: Tx | Db,
  id: string,
  set: Partial<typeof attempts.$inferInsert>,
): Promise<void> {
  await tx.update(attempts).set(set).where(eq(attempts.id, id));
}

/** Attempts that a node should have, with their sessions; oldest first. */
export function liveAttempts(db: Db | Tx, nodeId?: string) {
  return db
    .select({ attempt: attempts, session: sessions })
    .from(attempts)
    .innerJoin(sessions, eq(sessions.id, attempts.sessionId))
    .where(and(inArray(attempts.state, [...LIVE_ATTEMPTS]), nodeId ? eq(attempts.nodeId, nodeId) : undefined))
    .orderBy(attempts.id);
}

export async function extendLeases(tx: Tx | Db, nodeId: string, until: Date): Promise<void> {
  await tx
    .update(attempts)
    .set({ leaseUntil: until })
    .where(and(eq(attempts.nodeId, nodeId), inArray(attempts.state, [...LIVE_ATTEMPTS])));
}

export function expiredAttempts(db: Db | Tx, now: Date) {
  return db
    .select({ id: attempts.id, nodeId: attempts.nodeId })
    .from(attempts)
    .where(and(inArray(attempts.state, [...LIVE_ATTEMPTS]), lt(attempts.leaseUntil, now)))
    .limit(100);
}

/**
 * Moves the attempt's cursor from `from` to `to`. False (0 rows) when the epoch is stale, the attempt has ended,
 * or someone else moved the cursor: invariant 2.
 */
export async function moveCursor(
  tx: Tx,
  attemptId: string,
  epoch: number,
  from: number,
  to: number,
): Promise<boolean> {
  const current = sql`exists (select 1 from sessions s where s.id = attempts.session_id and s.epoch = ${epoch})`;
  const rows = await tx
    .update(attempts)
    .set({ ackedSeq: to })
    .where(
      and(
        eq(attempts.id, attemptId),
        eq(attempts.epoch, epoch),
        eq(attempts.ackedSeq, from),
        inArray(attempts.state, [...LIVE_ATTEMPTS]),
        current,
      ),
    )
    .returning({ id: attempts.id });
  return rows.length === 1;
}

/** How many sessions that have not ended are in each state. */
export async function countByState(db: Db | Tx): Promise<Map<string, number>> {
  const rows = await db
    .select({ state: sessions.state, n: sql<number>`count(*)::int` })
    .from(sessions)
    .where(inArray(sessions.state, ["queued", ...LIVE_STATES]))
    .groupBy(sessions.state);
  return new Map(rows.map((row) => [row.state, row.n]));
}
