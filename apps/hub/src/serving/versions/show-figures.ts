import { type Id, sketchQuantile, type VersionFigures } from "@podium/shared";
import type { Context } from "../../platform/context.ts";
import { type BindingRow, bindingsOf } from "../store.ts";
import { totalsOf } from "./store.ts";
import { NOTHING, type Totals } from "./totals.ts";

/** What was counted of each version that is not stopped, by version. */
export async function showFigures(ctx: Context, endpointId: string): Promise<VersionFigures[]> {
  const rows = (await bindingsOf(ctx.db, endpointId)).filter(({ state }) => state !== "stopped");
  const totals = await totalsOf(
    ctx.db,
    rows.map(({ id }) => id),
  );
  return rows.map((row) => describe(row, totals[row.id] ?? NOTHING));
}

function describe(row: BindingRow, totals: Totals): VersionFigures {
  return {
    version: row.version,
    binding_id: row.id as Id<"binding">,
    calls: totals.calls,
    errors: totals.errors,
    p50_ms: sketchQuantile(totals.latency, 0.5),
    p99_ms: sketchQuantile(totals.latency, 0.99),
    shadow: describeShadow(row, totals),
  };
}

function describeShadow({ shadowPercent, shadowTolerance }: BindingRow, { shadow }: Totals) {
  if (!shadow && shadowPercent === 0) return null;
  const { compared = 0, agreed = 0, failed = 0, dropped = 0, numeric = 0, worst = [] } = shadow ?? {};
  return {
    percent: shadowPercent,
    tolerance: shadowTolerance,
    compared,
    agreed,
    failed,
    dropped,
    agreement: compared > 0 ? agreed / compared : null,
    max_difference: shadow && numeric > 0 ? shadow.max_difference : null,
    mean_difference: shadow && numeric > 0 ? shadow.sum_of_mean_differences / numeric : null,
    worst,
    p50_ms: sketchQuantile(shadow?.latency ?? {}, 0.5),
    p99_ms: sketchQuantile(shadow?.latency ?? {}, 0.99),
    primary_p50_ms: sketchQuantile(shadow?.primary_latency ?? {}, 0.5),
    primary_p99_ms: sketchQuantile(shadow?.primary_latency ?? {}, 0.99),
  };
}
