import { and, count, desc, eq, gt, inArray, lt, sql } from "drizzle-orm";
import type { Db, Tx } from "../platform/database.ts";
import { teams } from "../teams/schema.ts";
import {
  bindings,
  endpointKeys,
  endpoints,
  endpointUsage,
  gateways,
  routesVersion,
  usageReports,
} from "./schema.ts";

export type EndpointRow = typeof endpoints.$inferSelect;
export type BindingRow = typeof bindings.$inferSelect;

export async function insertEndpoint(tx: Tx, row: typeof endpoints.$inferInsert): Promise<boolean> {
  return (await tx.insert(endpoints).values(row).onConflictDoNothing().returning()).length === 1;
}

export async function findEndpoint(db: Db | Tx, by: { name: string } | { id: string }) {
  const [row] = await db
    .select({ endpoint: endpoints, team: teams.slug })
    .from(endpoints)
    .innerJoin(teams, eq(teams.id, endpoints.teamId))
    .where("name" in by ? eq(endpoints.name, by.name) : eq(endpoints.id, by.id));
  return row ?? null;
}

export function listEndpoints(
  db: Db | Tx,
  teamIds: readonly string[] | null,
  limit: number,
  before: string | undefined,
) {
  return db
    .select({ endpoint: endpoints, team: teams.slug })
    .from(endpoints)
    .innerJoin(teams, eq(teams.id, endpoints.teamId))
    .where(
      and(
        teamIds === null
          ? undefined
          : teamIds.length === 0
            ? sql`false`
            : inArray(endpoints.teamId, [...teamIds]),
        before ? lt(endpoints.id, before) : undefined,
      ),
    )
    .orderBy(desc(endpoints.id))
    .limit(limit);
}

export async function lockEndpoint(tx: Tx, id: string): Promise<void> {
  await tx.select({ id: endpoints.id }).from(endpoints).where(eq(endpoints.id, id)).for("no key update");
}

export function bindingsOf(db: Db | Tx, endpointId: string): Promise<BindingRow[]> {
  return db.select().from(bindings).where(eq(bindings.endpointId, endpointId)).orderBy(bindings.version);
}

export async function insertBinding(tx: Tx, row: typeof bindings.$inferInsert): Promise<BindingRow> {
  const [stored] = await tx.insert(bindings).values(row).returning();
  if (!stored) throw new Error("The binding was not stored.");
  return stored;
}

export async function findBinding(db: Db | Tx, id: string): Promise<BindingRow | null> {
  const [row] = await db.select().from(bindings).where(eq(bindings.id, id));
  return row ?? null;
}

/** Locks a binding: whoever changes its state decides by what it is then, so that one that has ended stays so. */
export async function lockBinding(tx: Tx, id: string): Promise<BindingRow | null> {
  const [row] = await tx.select().from(bindings).where(eq(bindings.id, id)).for("no key update");
  return row ?? null;
}

export async function updateBinding(
  tx: Tx,
  id: string,
  set: Partial<typeof bindings.$inferInsert>,
): Promise<void> {
  await tx.update(bindings).set(set).where(eq(bindings.id, id));
}

export async function saveGateway(db: Db | Tx, row: typeof gateways.$inferInsert): Promise<void> {
  const { id: _, ...set } = row;
  await db.insert(gateways).values(row).onConflictDoUpdate({ target: gateways.id, set });
}

export function liveGateways(db: Db | Tx, since: Date) {
  return db.select().from(gateways).where(gt(gateways.lastSeenAt, since)).orderBy(gateways.id);
}

/**
 * False when this report, or a later one of its gateway, was taken before: a gateway sends one after the other, the next
 * only when this one was acknowledged.
 */
export async function takeReport(tx: Tx, gatewayId: string, sequence: number, now: Date): Promise<boolean> {
  const { rowCount } = await tx.execute(sql`
    insert into ${usageReports} (gateway_id, sequence, received_at)
    select ${gatewayId}, ${sequence}::bigint, ${now.toISOString()}::timestamptz
    where not exists (
      select 1 from ${usageReports} where gateway_id = ${gatewayId} and sequence > ${sequence}::bigint)
    on conflict do nothing`);
  return rowCount === 1;
}

/** Adds to an endpoint's totals. @returns answered calls, before and after: those are paid for */
export async function addUsage(
  tx: Tx,
  endpointId: string,
  calls: number,
  failed: number,
): Promise<{ before: number; after: number }> {
  const [row] = await tx
    .insert(endpointUsage)
    .values({ endpointId, calls, failed })
    .onConflictDoUpdate({
      target: endpointUsage.endpointId,
      set: {
        calls: sql`${endpointUsage.calls} + ${calls}`,
        failed: sql`${endpointUsage.failed} + ${failed}`,
      },
    })
    .returning();
  const after = row ? row.calls - row.failed : calls - failed;
  return { before: after - (calls - failed), after };
}

/** Raised in every transaction that changes what gateways must know. */
export async function bumpRoutes(tx: Tx): Promise<number> {
  const [row] = await tx
    .insert(routesVersion)
    .values({ id: 1, version: 1 })
    .onConflictDoUpdate({ target: routesVersion.id, set: { version: sql`${routesVersion.version} + 1` } })
    .returning();
  return row?.version ?? 1;
}

export async function currentVersion(db: Db | Tx): Promise<number> {
  const [row] = await db.select().from(routesVersion);
  return row?.version ?? 0;
}

/** Everything that the route table is made of. */
export async function readRoutes(db: Db | Tx) {
  const endpointRows = await db
    .select({ endpoint: endpoints, team: teams.slug })
    .from(endpoints)
    .innerJoin(teams, eq(teams.id, endpoints.teamId))
    .orderBy(endpoints.id);
  const bindingRows = await db
    .select()
    .from(bindings)
    .where(inArray(bindings.state, ["starting", "ready", "idle"]))
    .orderBy(bindings.version);
  const keyRows = await db.select().from(endpointKeys).orderBy(endpointKeys.id);
  return { endpointRows, bindingRows, keyRows };
}

export async function countBindings(db: Db | Tx, endpointId: string): Promise<number> {
  const [row] = await db.select({ n: count() }).from(bindings).where(eq(bindings.endpointId, endpointId));
  return row?.n ?? 0;
}
