import { and, desc, eq, getTableColumns, gt, isNotNull, lte, max, sql } from "drizzle-orm";
import { nodes } from "../nodes/schema.ts";
import type { Db, Tx } from "../platform/database.ts";
import { attempts, sessions } from "../sessions/schema.ts";
import { checkpoints, logLines, metricPoints } from "./schema.ts";

export type CheckpointRow = typeof checkpoints.$inferSelect;

export async function insertLogs(tx: Tx, rows: readonly (typeof logLines.$inferInsert)[]): Promise<void> {
  if (rows.length > 0) await tx.insert(logLines).values([...rows]);
}

export async function insertMetrics(
  tx: Tx,
  rows: readonly (typeof metricPoints.$inferInsert)[],
): Promise<void> {
  for (let start = 0; start < rows.length; start += 2000) {
    await tx.insert(metricPoints).values(rows.slice(start, start + 2000));
  }
}

/** The same name overwrites: what a script saves last is what the name means. */
export async function upsertCheckpoint(tx: Tx, row: typeof checkpoints.$inferInsert): Promise<void> {
  const { treeId, sizeBytes, metrics, createdAt } = row;
  await tx
    .insert(checkpoints)
    .values(row)
    .onConflictDoUpdate({
      target: [checkpoints.sessionId, checkpoints.name],
      set: { treeId, sizeBytes, metrics, createdAt },
    });
}

export function logsAfter(db: Db | Tx, sessionId: string, position: number, limit: number) {
  return db
    .select({ ...getTableColumns(logLines), rank: attempts.rank })
    .from(logLines)
    .innerJoin(attempts, eq(attempts.id, logLines.attemptId))
    .where(and(eq(logLines.sessionId, sessionId), gt(logLines.position, position)))
    .orderBy(logLines.position)
    .limit(limit);
}

/** Values after `position`, about `limit` of them: those of one record are never cut apart. */
export function metricsAfter(
  db: Db | Tx,
  sessionId: string,
  position: number,
  name: string | undefined,
  limit: number,
) {
  const wanted = and(
    eq(metricPoints.sessionId, sessionId),
    gt(metricPoints.position, position),
    name ? eq(metricPoints.name, name) : undefined,
  );
  const first = db
    .select({ position: metricPoints.position })
    .from(metricPoints)
    .where(wanted)
    .orderBy(metricPoints.position)
    .limit(limit)
    .as("first");
  const last = db.select({ last: max(first.position) }).from(first);
  return db
    .select({ ...getTableColumns(metricPoints), rank: attempts.rank })
    .from(metricPoints)
    .innerJoin(attempts, eq(attempts.id, metricPoints.attemptId))
    .where(and(wanted, lte(metricPoints.position, last)))
    .orderBy(metricPoints.position, metricPoints.name);
}

export function listCheckpoints(db: Db | Tx, sessionId: string) {
  return db
    .select()
    .from(checkpoints)
    .where(eq(checkpoints.sessionId, sessionId))
    .orderBy(checkpoints.createdAt, checkpoints.name);
}

export async function findCheckpoint(
  db: Db | Tx,
  sessionId: string,
  name: string,
): Promise<CheckpointRow | null> {
  const [row] = await db
    .select()
    .from(checkpoints)
    .where(and(eq(checkpoints.sessionId, sessionId), eq(checkpoints.name, name)));
  return row ?? null;
}

export async function deleteCheckpoint(tx: Tx, id: string): Promise<void> {
  await tx.delete(checkpoints).where(eq(checkpoints.id, id));
}

/** Last reported value of a metric, or null. */
export async function lastValue(db: Db | Tx, sessionId: string, name: string): Promise<number | null> {
  const [row] = await db
    .select({ value: metricPoints.value })
    .from(metricPoints)
    .where(and(eq(metricPoints.sessionId, sessionId), eq(metricPoints.name, name)))
    .orderBy(sql`${metricPoints.position} desc`)
    .limit(1);
  return row?.value ?? null;
}

const MOST_ATTEMPTS = 200;

/** The latest attempts of a session in order, each with its node and when its last line and metric were written. */
export async function attemptsOf(db: Db | Tx, sessionId: string) {
  const last = (table: typeof logLines | typeof metricPoints) =>
    sql<
      string | null
    >`(select r.at from ${table} r where r.attempt_id = ${attempts.id} order by r.seq desc limit 1)`;
  const rows = await db
    .select({ attempt: attempts, node: nodes.name, lineAt: last(logLines), pointAt: last(metricPoints) })
    .from(attempts)
    .innerJoin(nodes, eq(nodes.id, attempts.nodeId))
    .where(eq(attempts.sessionId, sessionId))
    .orderBy(desc(attempts.epoch), desc(attempts.id))
    .limit(MOST_ATTEMPTS);
  return rows.reverse();
}

/** Sessions that were removed and still have lines, metrics or checkpoints, in the order of their ids. */
export async function removedSessions(db: Db | Tx, after: string, limit: number): Promise<string[]> {
  const rows = await db
    .select({ id: sessions.id })
    .from(sessions)
    .where(
      and(
        isNotNull(sessions.removedAt),
        gt(sessions.id, after),
        sql`(exists (select 1 from log_lines r where r.session_id = sessions.id)
          or exists (select 1 from metric_points r where r.session_id = sessions.id)
          or exists (select 1 from checkpoints r where r.session_id = sessions.id))`,
      ),
    )
    .orderBy(sessions.id)
    .limit(limit);
  return rows.map(({ id }) => id);
}

/** Deletes so many of a session's lines, metrics and checkpoints of each at most. @returns how many went; 0: none are left */
export async function deleteRecords(db: Db, sessionId: string, limit: number): Promise<number> {
  let rows = 0;
  for (const table of [logLines, metricPoints, checkpoints]) {
    const result = await db.execute(sql`
      delete from ${table} where ctid = any (array(
        select ctid from ${table} where session_id = ${sessionId} limit ${limit}))`);
    rows += result.rowCount ?? 0;
  }
  return rows;
}

/** The trees that checkpoints name. */
export const treesOfCheckpoints = () => sql`
  select c.tree_id from checkpoints c join sessions s on s.id = c.session_id where s.removed_at is null`;
