import {
  BATCH_BOUNDS,
  DomainError,
  type EndpointPoint,
  ERROR_CLASSES,
  type ErrorClass,
} from "@podium/shared";
import type { Context } from "../../platform/context.ts";
import { percentile } from "./percentile.ts";
import { type FiguresRow, figuresBetween } from "./store.ts";
import type { KeptFigures } from "./trim-figures.ts";

const MINUTE = 60;
const HOUR = 3_600;
const HOUR_MS = HOUR * 1000;
/** Longer spans are read from hours: rows are added up here, and there are as many as minutes and versions. */
const LONGEST_OF_MINUTES_MS = 2 * 24 * HOUR_MS;
const LONGEST_MS = 3 * 366 * 24 * HOUR_MS;

export interface AskedFigures {
  from?: string | undefined;
  to?: string | undefined;
  points: number;
}

/**
 * What happened at an endpoint over time, the last hour unless told otherwise: all versions together, and each by itself.
 * A step in which nothing happened has no point. The caller has checked who asks. @throws DomainError `invalid_request`
 */
export async function readEndpointFigures(
  ctx: Context,
  endpointId: string,
  asked: AskedFigures,
  kept: KeptFigures,
) {
  const { from, to } = spanOf(ctx, asked);
  const spanMs = to.getTime() - from.getTime();
  const reached = ctx.clock.now().getTime() - from.getTime() <= kept[MINUTE];
  const seconds = reached && spanMs <= LONGEST_OF_MINUTES_MS ? MINUTE : HOUR;
  // One less: a span that begins inside a step touches one step more than it is long.
  const steps = Math.max(1, Math.ceil(spanMs / 1000 / seconds / Math.max(1, asked.points - 1)));
  const stepMs = steps * seconds * 1000;
  const begin = new Date(Math.floor(from.getTime() / stepMs) * stepMs);
  const rows = await figuresBetween(ctx.db, endpointId, seconds, begin, to);
  const versions = [...Map.groupBy(rows, ({ version }) => version)].sort(([a], [b]) => a - b);
  const batches = BATCH_BOUNDS.map((at_most, index) => ({ at_most, batches: countOf(rows, index) }));
  return {
    step_seconds: stepMs / 1000,
    points: pointsOf(rows, stepMs),
    versions: versions.map(([version, own]) => ({ version, points: pointsOf(own, stepMs) })),
    batch_sizes: [...batches, { at_most: null, batches: countOf(rows, BATCH_BOUNDS.length) }],
  };
}

function spanOf(ctx: Context, asked: AskedFigures): { from: Date; to: Date } {
  const to = asked.to ? new Date(asked.to) : new Date(ctx.clock.now().getTime() + 1);
  const from = asked.from ? new Date(asked.from) : new Date(to.getTime() - HOUR_MS);
  const spanMs = to.getTime() - from.getTime();
  if (!(spanMs >= 0)) throw new DomainError("invalid_request", "from: must be before `to`.");
  if (spanMs > LONGEST_MS) throw new DomainError("invalid_request", "from: a span has at most three years.");
  return { from, to };
}

function pointsOf(rows: readonly FiguresRow[], stepMs: number): EndpointPoint[] {
  const steps = Map.groupBy(rows, ({ at }) => Math.floor(at.getTime() / stepMs) * stepMs);
  return [...steps].sort(([a], [b]) => a - b).map(([at, own]) => pointOf(new Date(at), own));
}

function pointOf(at: Date, rows: readonly FiguresRow[]): EndpointPoint {
  const sum = (read: (row: FiguresRow) => number) => rows.reduce((all, row) => all + read(row), 0);
  const sumEach = (read: (row: FiguresRow) => number[]) =>
    rows.reduce<number[]>((all, row) => read(row).map((count, index) => count + (all[index] ?? 0)), []);
  const latency = sumEach((row) => row.latency);
  const errors = sumEach((row) => row.errors);
  const answered = latency.reduce((all, count) => all + count, 0);
  const batches = sum((row) => row.batches.reduce((all, count) => all + count, 0));
  const mean = (read: (row: FiguresRow) => number, of: number) => (of > 0 ? sum(read) / of : null);
  return {
    at: at.toISOString(),
    calls: sum((row) => row.calls),
    errors: Object.fromEntries(ERROR_CLASSES.map((name, index) => [name, errors[index] ?? 0])) as Record<
      ErrorClass,
      number
    >,
    latency_ms: {
      mean: mean((row) => row.latencyMs, answered),
      p50: percentile(latency, 0.5),
      p95: percentile(latency, 0.95),
      p99: percentile(latency, 0.99),
    },
    stages_ms: {
      queue: mean((row) => row.queueMs, answered),
      batch: mean((row) => row.batchMs, answered),
      transport: mean((row) => row.transportMs, answered),
      compute: mean((row) => row.computeMs, answered),
    },
    batch_size: mean((row) => row.batched, batches),
    max_waiting: Math.max(0, ...rows.map((row) => row.maxWaiting)),
  };
}

function countOf(rows: readonly FiguresRow[], bucket: number): number {
  return rows.reduce((all, row) => all + (row.batches[bucket] ?? 0), 0);
}
