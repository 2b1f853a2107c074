import type { Id } from "@podium/shared";
import type { Context } from "../platform/context.ts";
import { gatewaysUp } from "./describe.ts";
import { showSettings } from "./settings/show.ts";
import { type BindingRow, bindingsOf, type EndpointRow } from "./store.ts";
import { presentPercent } from "./traffic/shares.ts";

/** A version as people see it. @param all the versions of its endpoint, which share the traffic */
export function showBinding(row: BindingRow, all: readonly BindingRow[], endpoint: EndpointRow) {
  return {
    id: row.id as Id<"binding">,
    version: row.version,
    model: row.model,
    weight: row.weight,
    state: row.state,
    failure: row.failure,
    session_id: (row.sessionId ?? "") as Id<"session">,
    percent: presentPercent(row, all),
    stops_at: stopsAt(row, endpoint)?.toISOString() ?? null,
  };
}

function stopsAt({ state, weight, idleSince, drainedAt, shadowPercent }: BindingRow, endpoint: EndpointRow) {
  if (state === "draining") return drainedAt;
  if (state !== "ready" || weight > 0 || shadowPercent > 0 || !idleSince) return null;
  return new Date(idleSince.getTime() + endpoint.keepOldMs);
}

/** An endpoint with the versions that are not stopped. */
export async function showEndpoint(ctx: Context, endpoint: EndpointRow, team: string) {
  const rows = (await bindingsOf(ctx.db, endpoint.id)).filter((row) => row.state !== "stopped");
  const urls = (await gatewaysUp(ctx)).map((gateway) => `${gateway.publicUrl}/${endpoint.name}`);
  return {
    id: endpoint.id as Id<"endpoint">,
    name: endpoint.name,
    team,
    public: endpoint.public,
    urls,
    settings: showSettings(endpoint),
    bindings: rows.map((row) => showBinding(row, rows, endpoint)),
    keep_old_ms: endpoint.keepOldMs,
  };
}
