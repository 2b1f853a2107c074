import type { Id } from "@podium/shared";
import type { Context } from "../platform/context.ts";
import { gatewaysUp } from "./describe.ts";
import { type ClusterLoad, readClusterLoad } from "./replicas/cluster-load.ts";
import { showReplicas } from "./replicas/show-replicas.ts";
import { showSettings } from "./settings/show.ts";
import { type BindingRow, bindingsOf, type EndpointRow } from "./store.ts";
import { presentPercent } from "./traffic/shares.ts";

/** A version as people see it. @param all the versions of its endpoint, which share the traffic */
export async function showBinding(
  ctx: Context,
  row: BindingRow,
  all: readonly BindingRow[],
  endpoint: EndpointRow,
  cluster: ClusterLoad,
) {
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
    ...(await showReplicas(ctx, row.id, cluster)),
  };
}

function stopsAt({ state, weight, idleSince, drainedAt, shadowPercent }: BindingRow, endpoint: EndpointRow) {
  if (state === "draining") return drainedAt;
  if ((state !== "ready" && state !== "idle") || weight > 0 || shadowPercent > 0 || !idleSince) return null;
  return new Date(idleSince.getTime() + endpoint.keepOldMs);
}

/** An endpoint with the versions that are not stopped. */
export async function showEndpoint(ctx: Context, endpoint: EndpointRow, team: string) {
  const rows = (await bindingsOf(ctx.db, endpoint.id)).filter((row) => row.state !== "stopped");
  const cluster = await readClusterLoad(ctx);
  const urls = (await gatewaysUp(ctx)).map((gateway) => `${gateway.publicUrl}/${endpoint.name}`);
  return {
    id: endpoint.id as Id<"endpoint">,
    name: endpoint.name,
    team,
    public: endpoint.public,
    urls,
    settings: showSettings(endpoint),
    bindings: await Promise.all(rows.map((row) => showBinding(ctx, row, rows, endpoint, cluster))),
    keep_old_ms: endpoint.keepOldMs,
  };
}
