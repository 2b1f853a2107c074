import type { VersionReport } from "@podium/shared";
import type { Context } from "../../platform/context.ts";
import { saveFigures } from "./store.ts";

/** Takes what a gateway has counted; repeating a report, or one that was overtaken, changes nothing. */
export async function takeVersionReport(ctx: Context, report: VersionReport): Promise<void> {
  const byBinding = new Map(report.versions.map((version) => [version.binding_id, version]));
  const rows = [...byBinding.values()].map(({ binding_id, calls, errors, latency, shadow }) => ({
    bindingId: binding_id,
    runId: report.run_id,
    sequence: report.sequence,
    calls,
    errors,
    latency,
    shadow: shadow ?? null,
    updatedAt: ctx.clock.now(),
  }));
  await ctx.db.transaction((tx) => saveFigures(tx, rows));
}
