import { and, eq, gte, lt, min, sql } from "drizzle-orm";
import { nodes } from "../../nodes/schema.ts";
import type { Db, Tx } from "../../platform/database.ts";
import { clusterFigures, figureProgress, nodeFigures } from "../schema.ts";
import type { Reading, Resolution } from "./resolution.ts";

export type NodeFigures = typeof nodeFigures.$inferInsert;
export type ClusterFigures = typeof clusterFigures.$inferInsert;

const ROWS_A_STATEMENT = 1_000;
const DELETED_A_STATEMENT = 10_000;

/** Samples of one moment. Of a moment that has been sampled nothing changes. */
export async function insertSamples(
  tx: Tx,
  cluster: ClusterFigures,
  rows: readonly NodeFigures[],
): Promise<void> {
  await tx.insert(clusterFigures).values(cluster).onConflictDoNothing();
  for (let start = 0; start < rows.length; start += ROWS_A_STATEMENT)
    await tx
      .insert(nodeFigures)
      .values(rows.slice(start, start + ROWS_A_STATEMENT))
      .onConflictDoNothing();
}

/** Up to where figures of this length are complete; null before any are. */
export async function progressOf(db: Db | Tx, seconds: Resolution): Promise<Date | null> {
  const [row] = await db.select().from(figureProgress).where(eq(figureProgress.seconds, seconds));
  return row?.until ?? null;
}

export async function setProgress(tx: Db | Tx, seconds: Resolution, until: Date): Promise<void> {
  await tx
    .insert(figureProgress)
    .values({ seconds, until })
    .onConflictDoUpdate({ target: figureProgress.seconds, set: { until } });
}

/** When the oldest figures of this length begin that are not older than `since`. */
export async function oldest(db: Db | Tx, seconds: Resolution, since: Date | null): Promise<Date | null> {
  const [row] = await db
    .select({ at: min(clusterFigures.at) })
    .from(clusterFigures)
    .where(and(eq(clusterFigures.seconds, seconds), since ? gte(clusterFigures.at, since) : undefined));
  return row?.at ?? null;
}

/** Figures between two moments, as SQL. */
const within = (seconds: number, from: Date, to: Date) =>
  sql`seconds = ${seconds} and at >= ${from.toISOString()}::timestamptz and at < ${to.toISOString()}::timestamptz`;
const step = (seconds: number) =>
  sql`date_bin(make_interval(secs => ${seconds}::int), at, 'epoch'::timestamptz)`;
/** Mean over samples; what is not known does not count. */
const mean = (column: string) => {
  const name = sql.raw(column);
  return sql`sum(${name}::float8 * samples) / nullif(sum(samples) filter (where ${name} is not null), 0)`;
};

/** Means of nodes over steps, without their GPUs. */
const nodeMeans = (length: number, source: ReturnType<typeof sql>) => sql`
  select node_id, ${step(length)} as bucket, sum(samples)::int as samples,
    ${mean("cpu")} as cpu, ${mean("memory_bytes")} as memory_bytes, ${mean("disk_free_bytes")} as disk_free_bytes,
    ${mean("disk_read")} as disk_read, ${mean("disk_write")} as disk_write,
    ${mean("network_receive")} as network_receive, ${mean("network_send")} as network_send
  from node_figures where ${source} group by node_id, bucket`;

/** Means of GPUs over steps, one row each; `place` counts from 1. */
const gpuMeans = (length: number, source: ReturnType<typeof sql>) => sql`
  select node_id, ${step(length)} as bucket, place,
    ${mean("busy")} as busy, ${mean("memory")} as memory, ${mean("celsius")} as celsius, ${mean("watts")} as watts
  from node_figures cross join lateral
    unnest(gpu_busy, gpu_memory_mib, gpu_celsius, gpu_watts) with ordinality as gpu (busy, memory, celsius, watts, place)
  where ${source} group by node_id, bucket, place`;

const clusterMeans = (length: number, source: ReturnType<typeof sql>) => sql`
  select ${step(length)} as bucket, sum(samples)::int as samples,
    ${mean("nodes")} as nodes, ${mean("devices")} as devices, ${mean("held")} as held,
    ${mean("measured")} as measured, ${mean("busy")} as busy, ${mean("running")} as running, ${mean("queued")} as queued
  from cluster_figures where ${source} group by bucket`;

/** Works coarser figures out from finer ones; doing it again gives the same. Both bounds are steps of `to`. */
export async function rollUp(
  tx: Tx,
  lengths: { from: Resolution; to: Resolution },
  begin: Date,
  end: Date,
): Promise<void> {
  const source = within(lengths.from, begin, end);
  await tx.execute(sql`
    insert into cluster_figures (seconds, at, samples, nodes, devices, held, measured, busy, running, queued)
    select ${lengths.to}::smallint, bucket, samples, nodes, devices, held, measured, busy, running, queued
    from (${clusterMeans(lengths.to, source)}) means
    on conflict (seconds, at) do update set samples = excluded.samples, nodes = excluded.nodes,
      devices = excluded.devices, held = excluded.held, measured = excluded.measured, busy = excluded.busy,
      running = excluded.running, queued = excluded.queued`);
  await tx.execute(sql`
    insert into node_figures (node_id, seconds, at, samples, cpu, memory_bytes, disk_free_bytes, disk_read, disk_write,
      network_receive, network_send, gpu_busy, gpu_memory_mib, gpu_celsius, gpu_watts)
    select node_id, ${lengths.to}::smallint, bucket, samples, cpu, memory_bytes, disk_free_bytes, disk_read, disk_write,
      network_receive, network_send,
      coalesce(busy, '{}'), coalesce(memory, '{}'), coalesce(celsius, '{}'), coalesce(watts, '{}')
    from (${nodeMeans(lengths.to, source)}) means
    left join (
      select node_id, bucket, array_agg(round(busy)::smallint order by place) as busy,
        array_agg(round(memory)::int order by place) as memory,
        array_agg(round(celsius)::smallint order by place) as celsius,
        array_agg(round(watts)::smallint order by place) as watts
      from (${gpuMeans(lengths.to, source)}) gpu group by node_id, bucket
    ) gpus using (node_id, bucket)
    on conflict (node_id, seconds, at) do update set samples = excluded.samples, cpu = excluded.cpu,
      memory_bytes = excluded.memory_bytes, disk_free_bytes = excluded.disk_free_bytes,
      disk_read = excluded.disk_read, disk_write = excluded.disk_write,
      network_receive = excluded.network_receive, network_send = excluded.network_send,
      gpu_busy = excluded.gpu_busy, gpu_memory_mib = excluded.gpu_memory_mib,
      gpu_celsius = excluded.gpu_celsius, gpu_watts = excluded.gpu_watts`);
}

/** Removes some of the figures that begin before `before`. @returns how many; fewer than a batch means none are left */
export async function removeFigures(db: Db, seconds: Resolution, before: Date): Promise<number> {
  const old = and(eq(clusterFigures.seconds, seconds), lt(clusterFigures.at, before));
  await db.delete(clusterFigures).where(old);
  const result = await db.execute(sql`
    delete from node_figures where ctid = any (array(
      select ctid from node_figures where seconds = ${seconds} and at < ${before.toISOString()}::timestamptz
      limit ${DELETED_A_STATEMENT}))`);
  return result.rowCount ?? 0;
}

type Row = Record<string, unknown>;
const rowsOf = async (db: Db | Tx, query: ReturnType<typeof sql>) => (await db.execute(query)).rows as Row[];

export const readClusterFigures = (db: Db | Tx, reading: Reading, from: Date, to: Date) =>
  rowsOf(db, sql`${clusterMeans(reading.stepSeconds, within(reading.seconds, from, to))} order by bucket`);

export const readNodeFigures = (db: Db | Tx, nodeId: string, reading: Reading, from: Date, to: Date) =>
  rowsOf(
    db,
    sql`${nodeMeans(reading.stepSeconds, sql`node_id = ${nodeId} and ${within(reading.seconds, from, to)}`)} order by bucket`,
  );

/** A node's GPUs, one row a GPU and step. */
export const readGpuFigures = (db: Db | Tx, nodeId: string, reading: Reading, from: Date, to: Date) =>
  rowsOf(
    db,
    sql`${gpuMeans(reading.stepSeconds, sql`node_id = ${nodeId} and ${within(reading.seconds, from, to)}`)} order by bucket, place`,
  );

/** Where and when a session has held devices, the latest first. */
export const devicesOfSession = (db: Db | Tx, sessionId: string, limit: number) =>
  rowsOf(
    db,
    sql`select d.node_id, n.name as node, d.index, d.model, a.milli, a.created_at, a.released_at
    from attempts t join allocations a on a.attempt_id = t.id
    join devices d on d.id = a.device_id join nodes n on n.id = d.node_id
    where t.session_id = ${sessionId} order by a.created_at desc, d.index limit ${limit}`,
  );

export async function nodeNamed(db: Db | Tx, name: string): Promise<{ id: string } | null> {
  const [row] = await db.select({ id: nodes.id }).from(nodes).where(eq(nodes.name, name));
  return row ?? null;
}
