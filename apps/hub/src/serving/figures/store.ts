import { and, eq, gte, inArray, lt, sql } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";
import type { Db, Tx } from "../../platform/database.ts";
import { endpoints } from "../schema.ts";
import { endpointFigures, gatewayFigures } from "./schema.ts";

export type FiguresRow = typeof endpointFigures.$inferSelect;

/** Rows that one statement removes. */
const DELETED_A_STATEMENT = 10_000;

/** False when this or a later minute of the gateway was taken before. */
export async function takeMinute(tx: Tx, gatewayId: string, sequence: number, now: Date): Promise<boolean> {
  const rows = await tx
    .insert(gatewayFigures)
    .values({ gatewayId, sequence, receivedAt: now })
    .onConflictDoUpdate({
      target: gatewayFigures.gatewayId,
      set: { sequence, receivedAt: now },
      setWhere: lt(gatewayFigures.sequence, sequence),
    })
    .returning();
  return rows.length === 1;
}

export async function knownEndpoints(tx: Tx, ids: readonly string[]): Promise<Set<string>> {
  const rows = await tx
    .select({ id: endpoints.id })
    .from(endpoints)
    .where(inArray(endpoints.id, [...ids]));
  return new Set(rows.map(({ id }) => id));
}

const added = (column: PgColumn) => sql`${column} + ${sql.raw(`excluded.${column.name}`)}`;

/** Element by element; of two lists of unequal length the longer one's rest stays. */
const addedEach = (column: PgColumn) => sql`array(
  select coalesce(a, 0) + coalesce(b, 0)
  from unnest(${column}, ${sql.raw(`excluded.${column.name}`)}) with ordinality as both_lists (a, b, place) order by place)`;

/** Adds figures to what is there. The rows are all of different keys, and in their order: see `takeFigures`. */
export async function addFigures(tx: Tx, rows: FiguresRow[]): Promise<void> {
  if (rows.length === 0) return;
  const t = endpointFigures;
  await tx
    .insert(t)
    .values(rows)
    .onConflictDoUpdate({
      target: [t.endpointId, t.seconds, t.at, t.version],
      set: {
        calls: added(t.calls),
        errors: addedEach(t.errors),
        latency: addedEach(t.latency),
        batches: addedEach(t.batches),
        batched: added(t.batched),
        latencyMs: added(t.latencyMs),
        queueMs: added(t.queueMs),
        batchMs: added(t.batchMs),
        transportMs: added(t.transportMs),
        computeMs: added(t.computeMs),
        maxWaiting: sql`greatest(${t.maxWaiting}, excluded.max_waiting)`,
      },
    });
}

export function figuresBetween(
  db: Db | Tx,
  endpointId: string,
  seconds: number,
  from: Date,
  to: Date,
): Promise<FiguresRow[]> {
  const t = endpointFigures;
  return db
    .select()
    .from(t)
    .where(and(eq(t.endpointId, endpointId), eq(t.seconds, seconds), gte(t.at, from), lt(t.at, to)))
    .orderBy(t.at, t.version);
}

/** Removes some of the figures that begin before `before`. @returns how many */
export async function removeEndpointFigures(db: Db, seconds: number, before: Date): Promise<number> {
  const result = await db.execute(sql`
    delete from endpoint_figures where ctid = any (array(
      select ctid from endpoint_figures where seconds = ${seconds} and at < ${before.toISOString()}::timestamptz
      limit ${DELETED_A_STATEMENT}))`);
  return result.rowCount ?? 0;
}

/** Removes some of the keys' days of UTC that ended before `before`. @returns how many */
export async function removeKeyUsage(db: Db, before: Date): Promise<number> {
  const result = await db.execute(sql`
    delete from endpoint_key_usage where ctid = any (array(
      select ctid from endpoint_key_usage where day < ${before.toISOString().slice(0, 10)}::date
      limit ${DELETED_A_STATEMENT}))`);
  return result.rowCount ?? 0;
}

/**
 * Removes some of the counts of versions that were taken off and of which no gateway has said anything since `before`.
 * Those of a version that may still be called stay, however old: each run of a gateway is a part of its totals.
 * @returns how many
 */
export async function removeVersionFigures(db: Db, before: Date): Promise<number> {
  const result = await db.execute(sql`
    delete from version_figures where ctid = any (array(
      select version_figures.ctid from version_figures join bindings on bindings.id = binding_id
      where bindings.state = 'stopped' and updated_at < ${before.toISOString()}::timestamptz
      limit ${DELETED_A_STATEMENT}))`);
  return result.rowCount ?? 0;
}

/**
 * Removes some of the usage reports that were taken before `before`. Each gateway's latest one stays: by it, all before
 * it are known to have been taken. @returns how many
 */
export async function removeUsageReports(db: Db, before: Date): Promise<number> {
  const result = await db.execute(sql`
    delete from usage_reports where ctid = any (array(
      select old.ctid from usage_reports old where received_at < ${before.toISOString()}::timestamptz and exists (
        select 1 from usage_reports newer where newer.gateway_id = old.gateway_id and newer.sequence > old.sequence)
      limit ${DELETED_A_STATEMENT}))`);
  return result.rowCount ?? 0;
}
