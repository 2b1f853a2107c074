import type { Resources } from "@podium/shared";
import { and, desc, eq, inArray, isNull, sql } from "drizzle-orm";
import { QueryBuilder } from "drizzle-orm/pg-core";
import { trees } from "../../data/schema.ts";
import type { Db, Tx } from "../../platform/database.ts";
import { allocations, attempts, sessions } from "../schema.ts";

/** Among the latest so many sessions the scheduler sees what is typically asked for. */
const TYPICAL_OF = 1000;
const MOST_DEMANDS = 64;

/** Endpoints and scoring come before training; a training session's priority counts within its team alone. */
const urgency = sql<number>`case ${sessions.kind} when 'train' then 0 else ${sessions.priority} end`;

/**
 * What waits, the most urgent first; among those, the first of every team come before anybody's later ones, so that
 * no team hides the others behind the limit. All that wait are sorted by a few narrow columns; only those that are
 * within the limit are read.
 */
export function listQueued(db: Db | Tx, limit: number) {
  const place = sql<number>`row_number() over (partition by ${urgency}, ${sessions.teamId} order by ${sessions.priority} desc, ${sessions.id})`;
  const line = new QueryBuilder()
    .select({
      id: sessions.id,
      turn: sessions.turn,
      urgency: urgency.as("urgency"),
      place: place.as("place"),
    })
    .from(sessions)
    .where(eq(sessions.state, "queued"))
    .orderBy(desc(urgency), sql`${sessions.turn} nulls last`, place, sessions.id)
    .limit(limit)
    .as("line");
  return db
    .select({
      id: sessions.id,
      teamId: sessions.teamId,
      kind: sessions.kind,
      resources: sessions.resources,
      nodes: sessions.nodes,
      timeoutMs: sessions.timeoutMs,
      ranMs: sessions.ranMs,
      createdAt: sessions.createdAt,
      urgency: line.urgency,
      priority: sessions.priority,
      turn: sessions.turn,
      preemptible: sessions.preemptible,
      datasets: sessions.datasets,
      codeTree: sessions.codeTree,
      checkpointTree: sql<string | null>`${sessions.checkpoint} ->> 'tree_id'`,
      inputTree: sql<string | null>`${sessions.input} ->> 'tree_id'`,
      image: sessions.image,
      environment: sessions.environment,
      moveTo: sessions.moveTo,
      epoch: sessions.epoch,
    })
    .from(line)
    .innerJoin(sessions, eq(sessions.id, line.id))
    .orderBy(desc(line.urgency), sql`${line.turn} nulls last`, line.place, line.id);
}

/** Sizes of trees, bytes, by id. */
export async function treeSizes(db: Db | Tx, ids: readonly string[]): Promise<Map<string, number>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .select({ id: trees.id, size: trees.size })
    .from(trees)
    .where(inArray(trees.id, [...new Set(ids)]));
  return new Map(rows.map(({ id, size }) => [id, size]));
}

/** Nodes that sessions have been placed on, once for each time. */
export async function nodesTried(db: Db | Tx, sessionIds: readonly string[]) {
  if (sessionIds.length === 0) return new Map<string, string[]>();
  const rows = await db
    .select({ sessionId: attempts.sessionId, nodeId: attempts.nodeId })
    .from(attempts)
    .where(inArray(attempts.sessionId, [...sessionIds]));
  return new Map(
    [...Map.groupBy(rows, (row) => row.sessionId)].map(([id, own]) => [id, own.map(({ nodeId }) => nodeId)]),
  );
}

/** Attempts that occupy a node now, with their sessions: the demand side of the supply left. */
export function listLive(db: Db | Tx) {
  // Only one that may be preempted can lose something by it: others' checkpoints don't matter here.
  const savedAt = sql<Date | null>`case when ${sessions.preemptible} then
    (select max(c.created_at) from checkpoints c where c.session_id = ${sessions.id}) end`.mapWith(
    (value: string | Date) => new Date(value),
  );
  return db
    .select({
      attemptId: attempts.id,
      nodeId: attempts.nodeId,
      sessionId: attempts.sessionId,
      teamId: sessions.teamId,
      kind: sessions.kind,
      state: sessions.state,
      resources: sessions.resources,
      timeoutMs: sessions.timeoutMs,
      ranMs: sessions.ranMs,
      urgency,
      preemptible: sessions.preemptible,
      placedAt: attempts.createdAt,
      startedAt: attempts.startedAt,
      savedAt,
    })
    .from(attempts)
    .innerJoin(sessions, eq(sessions.id, attempts.sessionId))
    .where(sql`${attempts.state} not in ('ended', 'lost')`);
}

/** What live attempts hold of which devices, by attempt. */
export async function listHeld(db: Db | Tx) {
  const rows = await db
    .select({
      attemptId: allocations.attemptId,
      deviceId: allocations.deviceId,
      milli: allocations.milli,
    })
    .from(allocations)
    .where(isNull(allocations.releasedAt));
  return Map.groupBy(rows, (row) => row.attemptId);
}

/** What the latest sessions asked for, and how often, the most frequent first. */
export function recentDemands(db: Db | Tx) {
  const recent = db
    .select({ resources: sessions.resources })
    .from(sessions)
    .orderBy(desc(sessions.id))
    .limit(TYPICAL_OF)
    .as("recent");
  const count = sql<number>`count(*)::int`;
  return db
    .select({ resources: sql<Resources>`${recent.resources}`, count })
    .from(recent)
    .groupBy(recent.resources)
    .orderBy(desc(count), recent.resources)
    .limit(MOST_DEMANDS);
}

const queuedColumns = {
  id: sessions.id,
  teamId: sessions.teamId,
  name: sessions.name,
  kind: sessions.kind,
  nodes: sessions.nodes,
  epoch: sessions.epoch,
  prices: sessions.prices,
  resources: sessions.resources,
};
/** What applying a placement needs of its session. */
export type QueuedRow = Pick<typeof sessions.$inferSelect, keyof typeof queuedColumns>;

/**
 * Those of these sessions that are still queued, locked, by id. One that somebody else has locked is left out: it is being
 * changed, and waiting for several sessions at once could go round in a circle.
 */
export async function lockQueued(tx: Tx, ids: readonly string[]): Promise<Map<string, QueuedRow>> {
  const rows = await tx
    .select(queuedColumns)
    .from(sessions)
    .where(and(inArray(sessions.id, [...ids]), eq(sessions.state, "queued")))
    .orderBy(sessions.id)
    .for("no key update", { skipLocked: true });
  return new Map(rows.map((row) => [row.id, row]));
}

export async function insertAttempts(tx: Tx, rows: readonly (typeof attempts.$inferInsert)[]): Promise<void> {
  await tx.insert(attempts).values([...rows]);
}

/** The database refuses the statement where a device would be held more than once: see `allocations`. */
export async function insertAllocations(
  tx: Tx,
  rows: readonly (typeof allocations.$inferInsert)[],
): Promise<void> {
  if (rows.length > 0) await tx.insert(allocations).values([...rows]);
}

/** One statement for all of them: each has an epoch, an attempt and a node of its own. */
export async function markPlaced(
  tx: Tx,
  rows: readonly { id: string; epoch: number; attemptId: string; nodeId: string }[],
): Promise<void> {
  const column = (of: (row: (typeof rows)[number]) => string | number) => sql.param(rows.map(of));
  await tx.execute(sql`update sessions set state = 'placing', move_to = null, epoch = placed.epoch,
    attempt_id = placed.attempt_id, node_id = placed.node_id
    from unnest(${column(({ id }) => id)}::text[], ${column(({ epoch }) => epoch)}::int[],
      ${column(({ attemptId }) => attemptId)}::text[], ${column(({ nodeId }) => nodeId)}::text[])
      as placed(id, epoch, attempt_id, node_id)
    where sessions.id = placed.id`);
}
