import type { FiguresReport, MinuteFigures } from "@podium/shared";
import type { Context } from "../../platform/context.ts";
import { addFigures, type FiguresRow, knownEndpoints, takeMinute } from "./store.ts";

const MINUTE = 60;
const HOUR = 3_600;

/**
 * Adds a gateway's minute to what is known of its endpoints, once however often it is sent: to the minute, and to the
 * hour that it is in. Rows are written in one order, so that gateways never wait for each other in a circle. Figures of
 * endpoints that are gone are dropped.
 */
export async function takeFigures(ctx: Context, report: FiguresReport): Promise<void> {
  const { gateway_id, sequence, minute } = report;
  await ctx.db.transaction(async (tx) => {
    if (!(await takeMinute(tx, gateway_id, sequence, ctx.clock.now()))) return;
    const items = mergeByVersion(report.items);
    const known = await knownEndpoints(
      tx,
      items.map(({ endpoint_id }) => endpoint_id),
    );
    const rows = items
      .filter(({ endpoint_id }) => known.has(endpoint_id))
      .flatMap((item) => [MINUTE, HOUR].map((seconds) => rowOf(item, seconds, minute)));
    await addFigures(tx, rows);
  });
}

function rowOf(item: MinuteFigures, seconds: number, minute: string): FiguresRow {
  const { endpoint_id, version, calls, errors, latency, batches, batched } = item;
  const ms = seconds * 1000;
  return {
    endpointId: endpoint_id,
    version,
    seconds,
    at: new Date(Math.floor(Date.parse(minute) / ms) * ms),
    calls,
    errors,
    latency,
    batches,
    batched,
    latencyMs: item.latency_ms,
    queueMs: item.queue_ms,
    batchMs: item.batch_ms,
    transportMs: item.transport_ms,
    computeMs: item.compute_ms,
    maxWaiting: item.max_waiting,
  };
}

/** One item a version, in the order of endpoint and version: bindings that follow each other may have the same. */
function mergeByVersion(items: readonly MinuteFigures[]): MinuteFigures[] {
  const merged = new Map<string, MinuteFigures>();
  for (const item of items) {
    const key = `${item.endpoint_id} ${String(item.version).padStart(10, "0")}`;
    const other = merged.get(key);
    merged.set(key, other ? sumOf(item, other) : item);
  }
  return [...merged].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, item]) => item);
}

function sumOf(a: MinuteFigures, b: MinuteFigures): MinuteFigures {
  const each = (own: number[], other: number[]) => own.map((value, index) => value + (other[index] ?? 0));
  return {
    ...a,
    calls: a.calls + b.calls,
    errors: each(a.errors, b.errors),
    latency: each(a.latency, b.latency),
    batches: each(a.batches, b.batches),
    batched: a.batched + b.batched,
    latency_ms: a.latency_ms + b.latency_ms,
    queue_ms: a.queue_ms + b.queue_ms,
    batch_ms: a.batch_ms + b.batch_ms,
    transport_ms: a.transport_ms + b.transport_ms,
    compute_ms: a.compute_ms + b.compute_ms,
    max_waiting: Math.max(a.max_waiting, b.max_waiting),
  };
}
