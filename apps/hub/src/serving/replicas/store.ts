import { and, asc, count, desc, eq, gt, inArray, isNotNull, ne, notInArray, or } from "drizzle-orm";
import { nodes } from "../../nodes/schema.ts";
import type { Db, Tx } from "../../platform/database.ts";
import { sessions } from "../../sessions/schema.ts";
import { teams } from "../../teams/schema.ts";
import { bindings, endpoints } from "../schema.ts";
import { bindingReplicas, bindingScaling, gatewayLoads } from "./schema.ts";

export type ReplicaRow = typeof bindingReplicas.$inferSelect;
export type ScalingRow = typeof bindingScaling.$inferSelect;

export async function insertReplica(
  tx: Tx,
  row: Pick<ReplicaRow, "sessionId" | "bindingId" | "createdAt">,
): Promise<void> {
  await tx.insert(bindingReplicas).values({ ...row, state: "starting" });
}

export async function findReplica(db: Db | Tx, sessionId: string): Promise<ReplicaRow | null> {
  const [row] = await db.select().from(bindingReplicas).where(eq(bindingReplicas.sessionId, sessionId));
  return row ?? null;
}

export async function updateReplica(tx: Tx, sessionId: string, set: Partial<ReplicaRow>): Promise<void> {
  await tx.update(bindingReplicas).set(set).where(eq(bindingReplicas.sessionId, sessionId));
}

export async function countReplicas(tx: Tx, bindingId: string): Promise<number> {
  const [row] = await tx
    .select({ n: count() })
    .from(bindingReplicas)
    .where(eq(bindingReplicas.bindingId, bindingId));
  return row?.n ?? 0;
}

/** The replicas of these bindings that have not ended, oldest first, with what is known of their sessions. */
export function openReplicas(db: Db | Tx, bindingIds: readonly string[]) {
  return db
    .select({
      replica: bindingReplicas,
      session: {
        state: sessions.state,
        attemptId: sessions.attemptId,
        epoch: sessions.epoch,
      },
      node: nodes.name,
    })
    .from(bindingReplicas)
    .innerJoin(sessions, eq(sessions.id, bindingReplicas.sessionId))
    .leftJoin(nodes, eq(nodes.id, sessions.nodeId))
    .where(and(inArray(bindingReplicas.bindingId, [...bindingIds]), ne(bindingReplicas.state, "ended")))
    .orderBy(asc(bindingReplicas.createdAt), asc(bindingReplicas.sessionId));
}
export type OpenReplicaRow = Awaited<ReturnType<typeof openReplicas>>[number];

/** The latest replicas that ended though nobody wanted it, after `since`; newest first. */
export async function lossesOf(db: Db | Tx, bindingId: string, since: Date | null, limit: number) {
  const rows = await db
    .select()
    .from(bindingReplicas)
    .where(
      and(
        eq(bindingReplicas.bindingId, bindingId),
        isNotNull(bindingReplicas.failure),
        since ? gt(bindingReplicas.endedAt, since) : undefined,
      ),
    )
    .orderBy(desc(bindingReplicas.endedAt))
    .limit(limit);
  return rows.flatMap(({ endedAt, failure, unpaid }) =>
    endedAt && failure ? [{ endedAt, reason: failure, unpaid }] : [],
  );
}

export async function insertScaling(
  tx: Tx,
  row: Omit<typeof bindingScaling.$inferInsert, "dipSince" | "dipPeak" | "trouble" | "forgivenAt">,
): Promise<void> {
  await tx.insert(bindingScaling).values(row);
}

export async function findScaling(db: Db | Tx, bindingId: string): Promise<ScalingRow> {
  const [row] = await db.select().from(bindingScaling).where(eq(bindingScaling.bindingId, bindingId));
  if (!row) throw new Error(`The binding ${bindingId} has no scaling.`);
  return row;
}

export async function updateScaling(tx: Tx, bindingId: string, set: Partial<ScalingRow>): Promise<void> {
  await tx.update(bindingScaling).set(set).where(eq(bindingScaling.bindingId, bindingId));
}

/** The bindings that somebody may call, or whose replicas still drain. */
export async function scaledBindings(db: Db | Tx): Promise<ScalingRow[]> {
  const draining = db
    .select({ id: bindingReplicas.bindingId })
    .from(bindingReplicas)
    .where(eq(bindingReplicas.state, "draining"));
  const rows = await db
    .select({ scaling: bindingScaling })
    .from(bindingScaling)
    .innerJoin(bindings, eq(bindings.id, bindingScaling.bindingId))
    .where(or(notInArray(bindings.state, ["stopped", "draining"]), inArray(bindings.id, draining)))
    .orderBy(bindingScaling.bindingId);
  return rows.map(({ scaling }) => scaling);
}

/** The endpoint of a binding and the team that pays. */
export async function ownerOf(db: Db | Tx, endpointId: string) {
  const [row] = await db
    .select({ endpoint: endpoints, team: { id: teams.id, slug: teams.slug } })
    .from(endpoints)
    .innerJoin(teams, eq(teams.id, endpoints.teamId))
    .where(eq(endpoints.id, endpointId));
  if (!row) throw new Error(`The endpoint ${endpointId} is gone.`);
  return row;
}

/** Of these bindings, those that want no replica. */
export async function asleep(db: Db | Tx, bindingIds: readonly string[]) {
  return db
    .select({ id: bindings.id, endpointId: bindings.endpointId })
    .from(bindingScaling)
    .innerJoin(bindings, eq(bindings.id, bindingScaling.bindingId))
    .where(
      and(inArray(bindings.id, [...bindingIds]), eq(bindingScaling.wanted, 0), ne(bindings.state, "stopped")),
    );
}

/** Why these bindings have fewer replicas than they want, by their ids. */
export async function troubles(db: Db | Tx, bindingIds: readonly string[]): Promise<Map<string, string>> {
  const rows = await db
    .select({ id: bindingScaling.bindingId, trouble: bindingScaling.trouble, failure: bindings.failure })
    .from(bindingScaling)
    .innerJoin(bindings, eq(bindings.id, bindingScaling.bindingId))
    .where(inArray(bindings.id, [...bindingIds]));
  return new Map(
    rows.flatMap(({ id, trouble, failure }) => {
      const why = trouble ?? failure;
      return why === null ? [] : [[id, why]];
    }),
  );
}

/** Attempts whose replicas may dial gateways, with their bindings. */
export function servingAttempts(db: Db | Tx) {
  return db
    .select({ bindingId: bindingReplicas.bindingId, attemptId: sessions.attemptId })
    .from(bindingReplicas)
    .innerJoin(sessions, eq(sessions.id, bindingReplicas.sessionId))
    .where(and(inArray(bindingReplicas.state, ["starting", "ready"]), isNotNull(sessions.attemptId)))
    .orderBy(bindingReplicas.createdAt);
}

/** Bindings that may have no replica and have had one: their calls are held. */
export async function holdingBindings(db: Db | Tx): Promise<Set<string>> {
  const rows = await db
    .select({ id: bindings.id })
    .from(bindings)
    .innerJoin(bindingScaling, eq(bindingScaling.bindingId, bindings.id))
    .where(and(eq(bindingScaling.minReplicas, 0), isNotNull(bindings.signature)));
  return new Set(rows.map(({ id }) => id));
}

export async function saveLoad(db: Db | Tx, row: typeof gatewayLoads.$inferInsert): Promise<void> {
  const { gatewayId: _, ...set } = row;
  await db.insert(gatewayLoads).values(row).onConflictDoUpdate({ target: gatewayLoads.gatewayId, set });
}

export function loadsSince(db: Db | Tx, since: Date) {
  return db.select().from(gatewayLoads).where(gt(gatewayLoads.reportedAt, since));
}

/** The live binding that was made with this serve session. */
export async function bindingMadeWith(tx: Tx, sessionId: string) {
  const [row] = await tx
    .select({ version: bindings.version, endpoint: endpoints.name })
    .from(bindings)
    .innerJoin(endpoints, eq(endpoints.id, bindings.endpointId))
    .where(and(eq(bindings.sessionId, sessionId), ne(bindings.state, "stopped")));
  return row ?? null;
}
