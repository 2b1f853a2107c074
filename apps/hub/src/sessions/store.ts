import type { SessionState } from "@podium/shared";
import {
  and,
  desc,
  eq,
  getTableColumns,
  gt,
  inArray,
  isNotNull,
  isNull,
  lt,
  ne,
  or,
  type SQL,
  sql,
} from "drizzle-orm";
import { usageSlices } from "../credits/schema.ts";
import { devices, nodes } from "../nodes/schema.ts";
import type { Db, Tx } from "../platform/database.ts";
import { teams } from "../teams/schema.ts";
import { shownMembers } from "./gangs/store.ts";
import { shownNotice } from "./notices/store.ts";
import { allocations, attempts, sessionCounters, sessions } from "./schema.ts";

export type SessionRow = typeof sessions.$inferSelect;
export type AttemptRow = typeof attempts.$inferSelect;

const LIVE_STATES = [
  "placing",
  "preparing",
  "running",
  "stopping",
] as const satisfies readonly SessionState[];
/** All that have not ended. */
export const OPEN_STATES = ["queued", "retrying", "paused", ...LIVE_STATES] as const;
/** An attempt of the session's latest placement, of which a gang has several. */
const isOfPlacement = and(eq(sessions.id, attempts.sessionId), eq(sessions.epoch, attempts.epoch));
/** The same words that the index on live attempts is made with, or it would not be used. */
const isLive = sql`${attempts.state} not in ('ended', 'lost')`;

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
  const isThere = isNull(sessions.removedAt);
  if (teamIds === null) return isThere;
  if (teamIds.length === 0) return sql`false`;
  const own = and(eq(sessions.hidden, false), inArray(sessions.teamId, [...teamIds]));
  return and(isThere, or(own, inArray(sessions.outputTeamId, [...teamIds])));
}

const shown = {
  session: sessions,
  team: teams.slug,
  node: nodes.name,
  members: shownMembers,
  notice: shownNotice,
};

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

export async function heldDevices(db: Db | Tx): Promise<Set<string>> {
  const rows = await db
    .select({ id: allocations.deviceId })
    .from(allocations)
    .where(isNull(allocations.releasedAt));
  return new Set(rows.map((row) => row.id));
}

export async function releaseDevices(tx: Tx, attemptId: string, now: Date): Promise<void> {
  await tx
    .update(allocations)
    .set({ releasedAt: now })
    .where(and(eq(allocations.attemptId, attemptId), isNull(allocations.releasedAt)));
}

/** Devices that attempts hold or held, by attempt. */
export async function devicesOf(db: Db | Tx, attemptIds: readonly string[]) {
  if (attemptIds.length === 0) return new Map<string, { index: number; model: string }[]>();
  const rows = await db
    .select({ attemptId: allocations.attemptId, index: devices.index, model: devices.model })
    .from(allocations)
    .innerJoin(devices, eq(devices.id, allocations.deviceId))
    .where(inArray(allocations.attemptId, [...attemptIds]))
    .orderBy(devices.index);
  return Map.groupBy(rows, (row) => row.attemptId);
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

/** The session of whose current placement this attempt is; null for a stale one. */
export async function findSessionOfAttempt(db: Db | Tx, attemptId: string): Promise<SessionRow | null> {
  const [row] = await db.select().from(sessions).where(isPlacedAs(attemptId));
  return row ?? null;
}

/** Neither changes with the session's row: who has waited for its lock sees whether the epoch has moved on. */
function isPlacedAs(attemptId: string): SQL | undefined {
  const its = (what: "session_id" | "epoch") =>
    sql`(select ${sql.raw(what)} from attempts where id = ${attemptId})`;
  return and(eq(sessions.id, its("session_id")), eq(sessions.epoch, its("epoch")));
}

/** The same, locked: from here on the placement stays the session's current one until the transaction ends. */
export async function lockSessionOfAttempt(tx: Tx, attemptId: string): Promise<SessionRow | null> {
  const [row] = await tx.select().from(sessions).where(isPlacedAs(attemptId)).for("no key update");
  return row ?? null;
}

/** An attempt that has not ended, locked: its lease can't be extended meanwhile. */
export async function lockLiveAttempt(tx: Tx, id: string): Promise<AttemptRow | null> {
  const [row] = await tx
    .select()
    .from(attempts)
    .where(and(eq(attempts.id, id), isLive))
    .for("no key update");
  return row ?? null;
}

/** The latest first; of a gang, those of rank 0. */
export function lastAttempts(tx: Tx | Db, sessionId: string, limit: number): Promise<AttemptRow[]> {
  return tx
    .select()
    .from(attempts)
    .where(and(eq(attempts.sessionId, sessionId), eq(attempts.rank, 0)))
    .orderBy(desc(attempts.epoch))
    .limit(limit);
}

export async function updateAttempt(
  tx: Tx | Db,
  id: string,
  set: Partial<typeof attempts.$inferInsert>,
): Promise<void> {
  await tx.update(attempts).set(set).where(eq(attempts.id, id));
}

/** Attempts that a node should have, with their sessions; oldest first. */
export function currentAttempts(db: Db | Tx, nodeId: string) {
  return db
    .select({ attempt: attempts, session: sessions })
    .from(attempts)
    .innerJoin(sessions, isOfPlacement)
    .where(and(isLive, eq(attempts.nodeId, nodeId)))
    .orderBy(attempts.id);
}

/** Their ids and states alone. */
export function currentStates(db: Db | Tx, nodeId: string): Promise<AttemptRow[]> {
  return db
    .select(getTableColumns(attempts))
    .from(attempts)
    .innerJoin(sessions, isOfPlacement)
    .where(and(isLive, eq(attempts.nodeId, nodeId)));
}

/** Never shortens one: a hub whose clock is slow must not end what others keep. */
export async function extendLeases(tx: Tx | Db, nodeId: string, until: Date): Promise<void> {
  const longest = sql`greatest(${attempts.leaseUntil}, ${until.toISOString()}::timestamptz)`;
  await tx
    .update(attempts)
    .set({ leaseUntil: longest })
    .where(and(isLive, eq(attempts.nodeId, nodeId)));
}

/** Attempts whose lease has run out, or reaches beyond `beyond`: that one was given by a clock that was wrong. */
export function expiredAttempts(db: Db | Tx, now: Date, beyond: Date) {
  return db
    .select({ id: attempts.id, nodeId: attempts.nodeId })
    .from(attempts)
    .where(and(isLive, or(lt(attempts.leaseUntil, now), gt(attempts.leaseUntil, beyond))))
    .limit(100);
}

/** The last slice of an attempt's time that has been reserved. */
export async function lastSlice(db: Db | Tx, attemptId: string) {
  const [row] = await db
    .select({ slice: usageSlices.slice, endsAt: usageSlices.endsAt })
    .from(usageSlices)
    .where(eq(usageSlices.attemptId, attemptId))
    .orderBy(desc(usageSlices.slice))
    .limit(1);
  return row ?? null;
}

/** Attempts that run and are paid for only until before `before`. One query, however many run. */
export function attemptsToPay(db: Db | Tx, before: Date) {
  const paidUntil = sql`(select s.ends_at from usage_slices s where s.attempt_id = ${attempts.id} order by s.slice desc limit 1)`;
  return db
    .select({ id: attempts.id })
    .from(attempts)
    .innerJoin(sessions, isOfPlacement)
    .where(
      and(
        isLive,
        isNotNull(attempts.startedAt),
        isNull(attempts.endedAt),
        ne(sessions.state, "stopping"),
        sql`${paidUntil} < ${before.toISOString()}::timestamptz`,
      ),
    );
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
        isLive,
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
    .where(inArray(sessions.state, [...OPEN_STATES]))
    .groupBy(sessions.state);
  return new Map(rows.map((row) => [row.state, row.n]));
}
