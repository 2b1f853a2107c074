import type { Id, usageReportSchema } from "@podium/shared";
import type { z } from "zod";
import { chargeCalls } from "../credits/index.ts";
import type { Context } from "../platform/context.ts";
import { emit } from "../platform/outbox.ts";
import { addUsage, findEndpoint, takeReport } from "./store.ts";

/** Books a gateway's usage report, once however often it is sent: no call free, none charged twice. */
export async function takeUsage(ctx: Context, report: z.infer<typeof usageReportSchema>): Promise<void> {
  await ctx.db.transaction(async (tx) => {
    if (!(await takeReport(tx, report.gateway_id, report.sequence, ctx.clock.now()))) return;
    for (const { endpoint_id, calls, failed } of report.items) {
      const found = await findEndpoint(tx, { id: endpoint_id });
      if (!found) continue;
      const { teamId, name } = found.endpoint;
      const { before, after } = await addUsage(tx, endpoint_id, calls, failed);
      const reference = `usage:${report.gateway_id}:${report.sequence}:${endpoint_id}`;
      const paid = await chargeCalls(ctx, tx, { teamId, before, after, memo: `calls of ${name}`, reference });
      if (!paid) await emit(ctx, tx, { type: "credits.exhausted", team_id: teamId as Id<"team"> });
    }
  });
}
