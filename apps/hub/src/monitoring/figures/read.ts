import { DomainError, type Id } from "@podium/shared";
import { type Context, requireUser } from "../../platform/context.ts";
import { visibleSession } from "../../sessions/index.ts";
import { chooseReading, type Kept, type Reading } from "./resolution.ts";
import { devicesOfSession, nodeNamed, readClusterFigures, readGpuFigures, readNodeFigures } from "./store.ts";

const MIB = 1024 ** 2;
const HOUR_MS = 3_600_000;
const LONGEST_MS = 3 * 366 * 24 * HOUR_MS;
/** The latest devices of a session that was placed again and again. */
const MAX_DEVICES = 64;

export interface Asked {
  from?: string | undefined;
  to?: string | undefined;
  points: number;
}

type Row = Record<string, unknown>;

/** The cluster's figures over time. Everybody who is logged in may see them. @throws DomainError `invalid_request` */
export async function readClusterSeries(ctx: Context, asked: Asked, kept: Kept) {
  requireUser(ctx);
  const { from, to, reading } = readingOf(ctx, asked, kept);
  const rows = await readClusterFigures(ctx.db, reading, from, to);
  const points = rows.map((row) => ({
    at: timeOf(row["bucket"]),
    nodes: numberOf(row["nodes"]),
    devices: numberOf(row["devices"]),
    devices_in_use: numberOf(row["held"]),
    devices_measured: numberOf(row["measured"]),
    devices_busy: numberOf(row["busy"]),
    sessions_running: numberOf(row["running"]),
    sessions_queued: numberOf(row["queued"]),
  }));
  return { step_seconds: reading.stepSeconds, points };
}

/** A node's figures over time, with its GPUs'. @throws DomainError `not_found`, `invalid_request` */
export async function readNodeSeries(ctx: Context, name: string, asked: Asked, kept: Kept) {
  requireUser(ctx);
  const { from, to, reading } = readingOf(ctx, asked, kept);
  const node = await nodeNamed(ctx.db, name);
  if (!node) throw new DomainError("not_found", `There is no node ${name}. Those there are: podium nodes`);
  const gpus = Map.groupBy(await readGpuFigures(ctx.db, node.id, reading, from, to), (row) =>
    timeOf(row["bucket"]),
  );
  const rows = await readNodeFigures(ctx.db, node.id, reading, from, to);
  const points = rows.map((row) => ({
    at: timeOf(row["bucket"]),
    cpu_share: numberOf(row["cpu"]),
    memory_bytes: numberOf(row["memory_bytes"]),
    disk_free_bytes: numberOf(row["disk_free_bytes"]),
    disk_read_bytes_per_second: amountOf(row["disk_read"]),
    disk_write_bytes_per_second: amountOf(row["disk_write"]),
    network_receive_bytes_per_second: amountOf(row["network_receive"]),
    network_send_bytes_per_second: amountOf(row["network_send"]),
    devices: (gpus.get(timeOf(row["bucket"])) ?? []).flatMap((gpu) =>
      // A gap in the devices' numbers is no device.
      gpu["memory"] === null ? [] : [{ index: numberOf(gpu["place"]) - 1, ...deviceOf(gpu) }],
    ),
  }));
  return { step_seconds: reading.stepSeconds, points };
}

/**
 * The figures of the devices that a session holds or held, while it held them; over its whole run unless told otherwise.
 * @throws DomainError `not_found` for sessions that the actor may not see, `invalid_request`
 */
export async function readSessionSeries(ctx: Context, id: string, asked: Asked, kept: Kept) {
  const { session } = await visibleSession(ctx, id);
  const whole = {
    from: (session.startedAt ?? session.createdAt).toISOString(),
    to: session.endedAt?.toISOString(),
  };
  const { from, to, reading } = readingOf(
    ctx,
    { ...asked, from: asked.from ?? whole.from, to: asked.to ?? whole.to },
    kept,
  );
  const held = await devicesOfSession(ctx.db, session.id, MAX_DEVICES);
  const nodes = new Map<string, Row[]>();
  for (const nodeId of new Set(held.map((row) => String(row["node_id"]))))
    nodes.set(nodeId, await readGpuFigures(ctx.db, nodeId, reading, from, to));
  const devices = held.map((row) => {
    const [since, until] = [
      dateOf(row["created_at"]),
      row["released_at"] ? dateOf(row["released_at"]) : null,
    ];
    const isIts = (point: Row) =>
      numberOf(point["place"]) - 1 === numberOf(row["index"]) &&
      dateOf(point["bucket"]).getTime() >= since.getTime() - reading.stepSeconds * 1000 &&
      (until === null || dateOf(point["bucket"]) < until);
    return {
      node: String(row["node"]),
      index: numberOf(row["index"]),
      model: String(row["model"]),
      held_from: since.toISOString(),
      held_until: until?.toISOString() ?? null,
      milli: numberOf(row["milli"]),
      points: (nodes.get(String(row["node_id"])) ?? [])
        .filter(isIts)
        .map((point) => ({ at: timeOf(point["bucket"]), ...deviceOf(point) })),
    };
  });
  return { session_id: session.id as Id<"session">, step_seconds: reading.stepSeconds, devices };
}

function readingOf(
  ctx: Context,
  { from, to, points }: Asked,
  kept: Kept,
): { from: Date; to: Date; reading: Reading } {
  const now = ctx.clock.now();
  // The sample of this very moment is among what is told.
  const end = to ? new Date(to) : new Date(now.getTime() + 1);
  const begin = from ? new Date(from) : new Date(end.getTime() - HOUR_MS);
  const span = end.getTime() - begin.getTime();
  if (!(span >= 0)) throw new DomainError("invalid_request", "from: must be before `to`.");
  if (span > LONGEST_MS) throw new DomainError("invalid_request", "from: a span has at most three years.");
  return { from: begin, to: end, reading: chooseReading({ from: begin, to: end, points }, now, kept) };
}

const deviceOf = (gpu: Row) => {
  const [busy, memory] = [amountOf(gpu["busy"]), amountOf(gpu["memory"])];
  return {
    utilization: busy === null ? null : busy / 1000,
    memory_bytes: memory === null ? null : Math.round(memory * MIB),
    temperature_celsius: amountOf(gpu["celsius"]),
    power_watts: amountOf(gpu["watts"]),
  };
};

const dateOf = (value: unknown) => new Date(value as string);
const timeOf = (value: unknown) => dateOf(value).toISOString();
const numberOf = (value: unknown) => Number(value ?? 0);
const amountOf = (value: unknown) => (value === null || value === undefined ? null : Number(value));
