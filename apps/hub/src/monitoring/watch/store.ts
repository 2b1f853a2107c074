import { and, eq, gt, inArray, isNotNull, isNull, ne, sql } from "drizzle-orm";
import { creditAccounts } from "../../credits/schema.ts";
import { devices, nodes } from "../../nodes/schema.ts";
import type { Db, Tx } from "../../platform/database.ts";
import { allocations, attempts, sessions } from "../../sessions/schema.ts";
import { alerts, attemptActivity, nodeFigures } from "../schema.ts";
import type { Activity } from "./activity.ts";

export type AlertRow = typeof alerts.$inferSelect;

const ROWS_A_STATEMENT = 1_000;

/** Nodes that have said something since, with what they said. */
export function nodesHeard(db: Db | Tx, since: Date) {
  return db
    .select({ id: nodes.id, name: nodes.name, usage: nodes.usage, strays: nodes.strayAttempts })
    .from(nodes)
    .where(gt(nodes.usageAt, since));
}

/** What runs and should show some activity, of gangs each member; replicas that nobody calls are as they should be. */
export function runningSessions(db: Db | Tx) {
  return db
    .select({
      sessionId: sessions.id,
      name: sessions.name,
      teamId: sql<string>`case when ${sessions.hidden} then coalesce(${sessions.outputTeamId}, ${sessions.teamId}) else ${sessions.teamId} end`,
      attemptId: attempts.id,
      /** the same for all members of a gang: rank 0's */
      firstAttemptId: sql<string>`${sessions.attemptId}`,
      rank: attempts.rank,
      members: sessions.nodes,
      nodeId: attempts.nodeId,
      ackedSeq: attempts.ackedSeq,
      activity: attemptActivity,
    })
    .from(sessions)
    .innerJoin(attempts, and(eq(attempts.sessionId, sessions.id), eq(attempts.epoch, sessions.epoch)))
    .leftJoin(attemptActivity, eq(attemptActivity.attemptId, attempts.id))
    .where(and(eq(sessions.state, "running"), eq(attempts.state, "running"), ne(sessions.kind, "serve")))
    .orderBy(sessions.id, attempts.rank);
}
export type RunningAttempt = Awaited<ReturnType<typeof runningSessions>>[number];

/** A device that an attempt holds now, or `milli` thousandths of it. */
export interface HeldDevice {
  nodeId: string;
  index: number;
  model: string;
  attemptId: string;
  milli: number;
}

export function heldNow(db: Db | Tx): Promise<HeldDevice[]> {
  return db
    .select({
      nodeId: devices.nodeId,
      index: devices.index,
      model: devices.model,
      attemptId: allocations.attemptId,
      milli: allocations.milli,
    })
    .from(allocations)
    .innerJoin(devices, eq(devices.id, allocations.deviceId))
    .where(isNull(allocations.releasedAt));
}

/** What its team pays for by the minute now: all that runs, replicas too. */
export function payingSessions(db: Db | Tx) {
  return db
    .select({
      attemptId: attempts.id,
      teamId: sessions.teamId,
      prices: sessions.prices,
      resources: sessions.resources,
    })
    .from(sessions)
    .innerJoin(attempts, eq(attempts.sessionId, sessions.id))
    .where(and(eq(sessions.state, "running"), eq(attempts.state, "running")));
}

/** What teams may still spend, microcredits. */
export async function balancesOf(db: Db | Tx, teamIds: readonly string[]): Promise<Map<string, number>> {
  if (teamIds.length === 0) return new Map();
  const rows = await db
    .select({ teamId: creditAccounts.teamId, balance: creditAccounts.balance })
    .from(creditAccounts)
    .where(and(inArray(creditAccounts.teamId, [...teamIds]), eq(creditAccounts.kind, "available")));
  return new Map(rows.flatMap(({ teamId, balance }) => (teamId === null ? [] : [[teamId, balance]])));
}

/** The highest busy share (thousandths) of each GPU of these nodes since, by node and index; null where no sample says. */
export async function busiestSince(
  db: Db | Tx,
  nodeIds: readonly string[],
  since: Date,
): Promise<Map<string, number | null>> {
  if (nodeIds.length === 0) return new Map();
  const rows = await db
    .select({ nodeId: nodeFigures.nodeId, gpuBusy: nodeFigures.gpuBusy })
    .from(nodeFigures)
    .where(
      and(inArray(nodeFigures.nodeId, [...nodeIds]), eq(nodeFigures.seconds, 10), gt(nodeFigures.at, since)),
    );
  const busiest = new Map<string, number | null>();
  for (const { nodeId, gpuBusy } of rows)
    for (const [index, busy] of gpuBusy.entries()) {
      const key = `${nodeId} ${index}`;
      const known = busiest.get(key);
      busiest.set(key, busy === null ? (known ?? null) : Math.max(known ?? 0, busy));
    }
  return busiest;
}

/** Writes down what was seen of attempts, and forgets those that have ended. */
export async function saveActivity(
  tx: Tx,
  rows: readonly (Activity & { attemptId: string })[],
): Promise<void> {
  for (let start = 0; start < rows.length; start += ROWS_A_STATEMENT)
    await tx
      .insert(attemptActivity)
      .values(rows.slice(start, start + ROWS_A_STATEMENT))
      .onConflictDoUpdate({
        target: attemptActivity.attemptId,
        set: {
          ackedSeq: sql`excluded.acked_seq`,
          cpuMs: sql`excluded.cpu_ms`,
          seenAt: sql`excluded.seen_at`,
          activeAt: sql`excluded.active_at`,
        },
      });
  await tx.execute(sql`delete from attempt_activity where attempt_id in (
    select seen.attempt_id from attempt_activity seen join attempts on attempts.id = seen.attempt_id
    where attempts.state in ('ended', 'lost'))`);
}

/** Which of these attempts the hub knows, and whether they live. */
export async function attemptsNamed(db: Db | Tx, ids: readonly string[]) {
  if (ids.length === 0) return new Map<string, { isLive: boolean; session: string }>();
  const rows = await db
    .select({ id: attempts.id, state: attempts.state, session: sessions.name })
    .from(attempts)
    .innerJoin(sessions, eq(sessions.id, attempts.sessionId))
    .where(inArray(attempts.id, [...ids]));
  return new Map(
    rows.map(({ id, state, session }) => [id, { isLive: state !== "ended" && state !== "lost", session }]),
  );
}

export function openAlerts(db: Db | Tx): Promise<AlertRow[]> {
  return db.select().from(alerts).where(isNull(alerts.clearedAt));
}

/** What alerts of a kind are about that were told and are not over. */
export async function toldSubjects(db: Db | Tx, kind: AlertRow["kind"]): Promise<Set<string>> {
  const rows = await db
    .select({ subject: alerts.subject })
    .from(alerts)
    .where(and(isNull(alerts.clearedAt), isNotNull(alerts.raisedAt), eq(alerts.kind, kind)));
  return new Set(rows.map(({ subject }) => subject));
}

/** What is told of a session now: raised, and not over. */
export function alertsOfSession(db: Db | Tx, sessionId: string): Promise<AlertRow[]> {
  return db
    .select()
    .from(alerts)
    .where(and(isNull(alerts.clearedAt), isNotNull(alerts.raisedAt), eq(alerts.sessionId, sessionId)))
    .orderBy(alerts.raisedAt);
}

export async function insertAlerts(tx: Tx, rows: readonly (typeof alerts.$inferInsert)[]): Promise<void> {
  if (rows.length > 0)
    await tx
      .insert(alerts)
      .values([...rows])
      .onConflictDoNothing();
}

/** False when somebody else has raised or ended it meanwhile. */
export async function raiseAlert(tx: Tx, id: string, text: string, now: Date): Promise<boolean> {
  const rows = await tx
    .update(alerts)
    .set({ raisedAt: now, text })
    .where(and(eq(alerts.id, id), isNull(alerts.raisedAt), isNull(alerts.clearedAt)))
    .returning({ id: alerts.id });
  return rows.length === 1;
}

export async function clearAlert(tx: Tx, id: string, now: Date): Promise<boolean> {
  const rows = await tx
    .update(alerts)
    .set({ clearedAt: now })
    .where(and(eq(alerts.id, id), isNotNull(alerts.raisedAt), isNull(alerts.clearedAt)))
    .returning({ id: alerts.id });
  return rows.length === 1;
}

export async function forgetAlerts(tx: Tx, ids: readonly string[]): Promise<void> {
  if (ids.length > 0)
    await tx.delete(alerts).where(and(inArray(alerts.id, [...ids]), isNull(alerts.raisedAt)));
}
