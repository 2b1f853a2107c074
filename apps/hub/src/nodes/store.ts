import type { Id, NodeCapacity, NodeUsage } from "@podium/shared";
import { and, eq, gt, inArray, lt, notInArray, or, sql } from "drizzle-orm";
import type { Db, Tx } from "../platform/database.ts";
import { cachedEnvironments, cachedImages, cachedTrees, devices, joinTokens, nodes } from "./schema.ts";

export type NodeRow = typeof nodes.$inferSelect;

/** What a node has, so that a session that needs it starts sooner there. */
export interface Caches {
  trees: readonly string[];
  environments: readonly { key: string; buildSeconds: number }[];
  images: readonly { reference: string; sizeBytes: number }[];
}

export async function insertJoinToken(tx: Db | Tx, row: typeof joinTokens.$inferInsert): Promise<void> {
  await tx.insert(joinTokens).values(row);
}

export async function isJoinToken(db: Db | Tx, sha256: string, now: Date): Promise<boolean> {
  const [row] = await db.select().from(joinTokens).where(eq(joinTokens.sha256, sha256));
  return row !== undefined && row.expiresAt > now;
}

/** Removes join tokens that have run out. */
export async function forgetJoinTokens(db: Db, now: Date): Promise<void> {
  await db.delete(joinTokens).where(lt(joinTokens.expiresAt, now));
}

/** Inserts the node, or gives a known name a new token (the machine joins again). */
export async function upsertNode(
  tx: Tx,
  row: { id: Id<"node">; name: string; tokenSha256: string; now: Date },
): Promise<Id<"node">> {
  const { id, name, tokenSha256, now } = row;
  const [stored] = await tx
    .insert(nodes)
    .values({ id, name, tokenSha256, state: "lost", createdAt: now })
    .onConflictDoUpdate({ target: nodes.name, set: { tokenSha256 } })
    .returning({ id: nodes.id });
  if (!stored) throw new Error("The node was not stored.");
  return stored.id as Id<"node">;
}

export async function findNode(
  db: Db | Tx,
  by: { id: string } | { name: string } | { tokenSha256: string },
): Promise<NodeRow | null> {
  const where =
    "id" in by
      ? eq(nodes.id, by.id)
      : "name" in by
        ? eq(nodes.name, by.name)
        : eq(nodes.tokenSha256, by.tokenSha256);
  const [row] = await db.select().from(nodes).where(where);
  return row ?? null;
}

/** What may be placed on these nodes, by id. */
export async function readiness(db: Db | Tx, ids: readonly string[]) {
  if (ids.length === 0) return new Map<string, Pick<NodeRow, "id" | "state" | "capacity">>();
  const rows = await db
    .select({ id: nodes.id, state: nodes.state, capacity: nodes.capacity })
    .from(nodes)
    .where(inArray(nodes.id, [...new Set(ids)]));
  return new Map(rows.map((row) => [row.id, row]));
}

/** Locks devices until commit, always in the same order. @returns what each is and has left, by id */
export async function lockDevices(tx: Tx, ids: readonly string[]) {
  if (ids.length === 0) return new Map<string, { id: string; model: string; heldMilli: number }>();
  const rows = await tx
    .select({ id: devices.id, model: devices.model, heldMilli: devices.heldMilli })
    .from(devices)
    .where(inArray(devices.id, [...new Set(ids)]))
    .orderBy(devices.id)
    .for("no key update");
  return new Map(rows.map((row) => [row.id, row]));
}

/** The names of these nodes, sorted. */
export async function nodeNames(db: Db | Tx, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0) return [];
  const rows = await db
    .select({ name: nodes.name })
    .from(nodes)
    .where(inArray(nodes.id, [...ids]))
    .orderBy(nodes.name);
  return rows.map(({ name }) => name);
}

export async function setCapacity(
  tx: Tx,
  nodeId: string,
  capacity: NodeCapacity,
  newId: () => string,
): Promise<void> {
  await tx.update(nodes).set({ capacity }).where(eq(nodes.id, nodeId));
  const indexes = capacity.devices.map((device) => device.index);
  await tx
    .update(devices)
    .set({ present: false })
    .where(
      and(eq(devices.nodeId, nodeId), indexes.length > 0 ? notInArray(devices.index, indexes) : undefined),
    );
  for (const device of capacity.devices) {
    const facts = { uuid: device.uuid, model: device.model, memoryBytes: device.memory_bytes, present: true };
    await tx
      .insert(devices)
      .values({ id: newId(), nodeId, index: device.index, ...facts })
      .onConflictDoUpdate({ target: [devices.nodeId, devices.index], set: facts });
  }
}

const stateWhenSeen = sql`case when ${nodes.draining} then 'draining' else 'ready' end`;

/** Says whether a node takes new sessions, now and whenever it is there. Null when there is no such node. */
export async function setDraining(tx: Tx, name: string, draining: boolean): Promise<NodeRow | null> {
  const state = sql`case when ${nodes.state} = 'lost' then 'lost' when ${draining} then 'draining' else 'ready' end`;
  const [row] = await tx.update(nodes).set({ draining, state }).where(eq(nodes.name, name)).returning();
  return row ?? null;
}

/**
 * Notes that the node was heard of, and what it said of itself. @returns its state; null for an unknown node
 * @param strays  attempts that it runs and should not
 */
export async function noteSeen(
  db: Db | Tx,
  nodeId: string,
  now: Date,
  usage: NodeUsage | null,
  strays: readonly string[],
): Promise<NodeRow["state"] | null> {
  const [row] = await db
    .update(nodes)
    .set({ lastSeenAt: now, ...(usage ? { usage, usageAt: now, strayAttempts: [...strays] } : {}) })
    .where(eq(nodes.id, nodeId))
    .returning({ state: nodes.state });
  return row?.state ?? null;
}

/** Locks a node: it is neither fenced nor taken back until the transaction ends. Null when there is none. */
export async function lockNode(tx: Tx, nodeId: string): Promise<Pick<NodeRow, "state" | "fences"> | null> {
  const { state, fences } = nodes;
  const [row] = await tx
    .select({ state, fences })
    .from(nodes)
    .where(eq(nodes.id, nodeId))
    .for("no key update");
  return row ?? null;
}

/** How often something was taken back from a node. */
export async function fencesOf(db: Db | Tx, nodeId: string): Promise<number> {
  const [row] = await db.select({ fences: nodes.fences }).from(nodes).where(eq(nodes.id, nodeId));
  return row?.fences ?? 0;
}

/** Takes a lost node back: from now on it gets something to run, unless it is drained. */
export async function markReady(tx: Tx, nodeId: string): Promise<void> {
  await tx
    .update(nodes)
    .set({ state: stateWhenSeen })
    .where(and(eq(nodes.id, nodeId), eq(nodes.state, "lost")));
}

/**
 * Fences a node from which something is taken back: nothing is placed on it until it comes back, having heard of that.
 * @returns false when it was fenced already
 */
export async function fenceNode(tx: Tx, nodeId: string): Promise<boolean> {
  const before = await lockNode(tx, nodeId);
  await tx
    .update(nodes)
    .set({ state: "lost", fences: sql`${nodes.fences} + 1` })
    .where(eq(nodes.id, nodeId));
  return before !== null && before.state !== "lost";
}

/**
 * Fences nodes that have not been seen between `from` and `to`: nothing is placed on them until they come back. Who was
 * seen in the future was seen by a hub whose clock was wrong, and is to say again that it is there.
 */
export async function markLost(tx: Db | Tx, from: Date, to: Date): Promise<string[]> {
  const rows = await tx
    .update(nodes)
    .set({ state: "lost", fences: sql`${nodes.fences} + 1` })
    .where(
      and(
        inArray(nodes.state, ["ready", "draining"]),
        or(lt(nodes.lastSeenAt, from), gt(nodes.lastSeenAt, to)),
      ),
    )
    .returning({ id: nodes.id });
  return rows.map((row) => row.id);
}

/** The digest that the node's caches had when they were last written down. */
export async function cacheDigest(db: Db | Tx, nodeId: string): Promise<string | null> {
  const [row] = await db.select({ digest: nodes.cacheDigest }).from(nodes).where(eq(nodes.id, nodeId));
  return row?.digest ?? null;
}

/** Replaces what is known of a node's caches. The node's row is locked first, so that two writers take turns. */
export async function replaceCaches(tx: Tx, nodeId: string, digest: string, caches: Caches): Promise<void> {
  await tx.update(nodes).set({ cacheDigest: digest }).where(eq(nodes.id, nodeId));
  const { trees, environments, images } = caches;
  for (const table of [cachedTrees, cachedEnvironments, cachedImages])
    await tx.delete(table).where(eq(table.nodeId, nodeId));
  if (trees.length > 0)
    await tx
      .insert(cachedTrees)
      .values(trees.map((treeId) => ({ nodeId, treeId })))
      .onConflictDoNothing();
  if (environments.length > 0)
    await tx
      .insert(cachedEnvironments)
      .values(environments.map((environment) => ({ nodeId, ...environment })))
      .onConflictDoNothing();
  if (images.length > 0)
    await tx
      .insert(cachedImages)
      .values(images.map((image) => ({ nodeId, ...image })))
      .onConflictDoNothing();
}

export function listNodes(db: Db | Tx) {
  const of = (what: string, which: string) =>
    sql<number>`(select ${sql.raw(what)} from devices d where d.node_id = nodes.id and ${sql.raw(which)})::int`;
  const used = of("count(*)", "d.held_milli > 0");
  const present = of("count(*)", "d.present");
  const freeMilli = of("coalesce(sum(1000 - d.held_milli), 0)", "d.present");
  return db.select({ node: nodes, used, present, freeMilli }).from(nodes).orderBy(nodes.name);
}

/** What sessions that wait would need on a node: ids of trees, keys of environments, references of images. */
export interface Wanted {
  trees: readonly string[];
  environments: readonly string[];
  images: readonly string[];
}

/** Nodes that are there, draining ones too, with their devices and what their caches hold of what is wanted: the supply side of a placement. */
export async function readSupply(db: Db | Tx, wanted: Wanted) {
  const rows = await db
    .select()
    .from(nodes)
    .where(inArray(nodes.state, ["ready", "draining"]))
    .orderBy(nodes.id);
  const deviceRows = await db
    .select()
    .from(devices)
    .where(eq(devices.present, true))
    .orderBy(devices.nodeId, devices.index);
  const trees = await withAny(wanted.trees, (ids) =>
    db.select().from(cachedTrees).where(inArray(cachedTrees.treeId, ids)),
  );
  const environments = await withAny(wanted.environments, (keys) =>
    db.select().from(cachedEnvironments).where(inArray(cachedEnvironments.key, keys)),
  );
  const images = await withAny(wanted.images, (references) =>
    db.select().from(cachedImages).where(inArray(cachedImages.reference, references)),
  );
  const devicesOf = Map.groupBy(deviceRows, (device) => device.nodeId);
  const treesOf = held(trees, (row) => row.treeId);
  const environmentsOf = held(environments, (row) => row.key);
  const imagesOf = held(images, (row) => row.reference);
  return {
    nodes: rows.map((node) => ({
      node,
      devices: devicesOf.get(node.id) ?? [],
      cached: treesOf(node.id),
      environments: environmentsOf(node.id),
      images: imagesOf(node.id),
    })),
    /** the slowest build of each environment that some node still has, seconds */
    buildSeconds: largest(environments, (row) => [row.key, row.buildSeconds]),
    /** size of each image that some node has, bytes */
    imageBytes: largest(images, (row) => [row.reference, row.sizeBytes]),
  };
}

async function withAny<Row>(wanted: readonly string[], read: (wanted: string[]) => PromiseLike<Row[]>) {
  return wanted.length === 0 ? [] : read([...new Set(wanted)]);
}

/** What each node has, in one pass over the rows. */
function held<Row extends { nodeId: string }>(rows: readonly Row[], of: (row: Row) => string) {
  const byNode = Map.groupBy(rows, (row) => row.nodeId);
  return (nodeId: string) => new Set((byNode.get(nodeId) ?? []).map(of));
}

function largest<Row>(rows: readonly Row[], of: (row: Row) => [string, number]): Map<string, number> {
  const most = new Map<string, number>();
  for (const [name, value] of rows.map(of)) most.set(name, Math.max(value, most.get(name) ?? 0));
  return most;
}
