import type { Id, usageReportSchema } from "@podium/shared";
import type { z } from "zod";
import { chargeCalls } from "../credits/index.ts";
import type { Context } from "../platform/context.ts";
import type { Tx } from "../platform/database.ts";
import { emit } from "../platform/outbox.ts";
import { addKeyUsage } from "./keys/store.ts";
import { addUsage, findEndpoint, takeReport } from "./store.ts";

type UsageReport = z.infer<typeof usageReportSchema>;

/**
 * Books a gateway's usage report, once however often it is sent: no answered call free, none charged twice. Locks the
 * endpoints' totals, then the keys', then the teams' accounts, each in one order: reports of two gateways never wait in a circle.
 */
export async function takeUsage(ctx: Context, report: UsageReport): Promise<void> {
  await ctx.db.transaction(async (tx) => {
    if (!(await takeReport(tx, report.gateway_id, report.sequence, ctx.clock.now()))) return;
    const charges = await countCalls(tx, report);
    const countedAt = report.counted_at ? new Date(report.counted_at) : ctx.clock.now();
    await countKeys(tx, report.items, countedAt);
    const exhausted = new Set<string>();
    for (const charge of charges.sort((a, b) => (a.teamId < b.teamId ? -1 : 1)))
      if (!(await chargeCalls(ctx, tx, charge))) exhausted.add(charge.teamId);
    for (const teamId of exhausted)
      await emit(ctx, tx, { type: "credits.exhausted", team_id: teamId as Id<"team"> });
  });
}

/** Adds to the endpoints' totals. @returns what is to be paid for */
async function countCalls(tx: Tx, { gateway_id, sequence, items }: UsageReport) {
  const charges = [];
  for (const [endpointId, { calls, failed }] of totalsOf(items)) {
    const found = await findEndpoint(tx, { id: endpointId });
    if (!found) continue;
    const { teamId, name } = found.endpoint;
    const { before, after } = await addUsage(tx, endpointId, calls, failed);
    const reference = `usage:${gateway_id}:${sequence}:${endpointId}`;
    charges.push({ teamId, before, after, memo: `calls of ${name}`, reference });
  }
  return charges;
}

/** Sums by endpoint, by its id. */
function totalsOf(items: UsageReport["items"]) {
  const totals = new Map<string, { calls: number; failed: number }>();
  for (const { endpoint_id, calls, failed } of items) {
    const sum = totals.get(endpoint_id) ?? { calls: 0, failed: 0 };
    totals.set(endpoint_id, { calls: sum.calls + calls, failed: sum.failed + failed });
  }
  return [...totals].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Adds to the keys' days, for their quotas, and says when they were last used. In one order, as everything here. */
async function countKeys(tx: Tx, items: UsageReport["items"], at: Date) {
  const calls = new Map<string, number>();
  for (const item of items)
    if (item.key_id) calls.set(item.key_id, (calls.get(item.key_id) ?? 0) + item.calls);
  for (const [keyId, more] of [...calls].sort(([a], [b]) => (a < b ? -1 : 1)))
    if (more > 0) await addKeyUsage(tx, keyId, at, more);
}
