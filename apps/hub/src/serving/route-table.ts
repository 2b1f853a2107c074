import type { Id, RouteTable } from "@podium/shared";
import type { Context } from "../platform/context.ts";
import { sha256 } from "../platform/secrets.ts";
import { keyForGateways } from "./keys/for-gateways.ts";
import { teamsThatCannotPay } from "./keys/store.ts";
import { replicaToken } from "./replica-token.ts";
import { holdingBindings, servingAttempts } from "./replicas/store.ts";
import { currentVersion, readRoutes } from "./store.ts";

/** All that gateways need to serve, in one piece; hashes instead of secrets. */
export async function routeTable(ctx: Context): Promise<RouteTable> {
  // The version first: a change in between makes the table newer than it says, and it is fetched once more.
  const version = await currentVersion(ctx.db);
  const { endpointRows, bindingRows, keyRows } = await readRoutes(ctx.db);
  const unpaid = await teamsThatCannotPay(ctx.db);
  const now = ctx.clock.now();
  const attempts = Map.groupBy(await servingAttempts(ctx.db), ({ bindingId }) => bindingId);
  const holding = await holdingBindings(ctx.db);
  return {
    version,
    endpoints: endpointRows.map(({ endpoint, team }) => ({
      id: endpoint.id as Id<"endpoint">,
      name: endpoint.name,
      team,
      public: endpoint.public,
      keys: keyRows
        .filter((key) => key.endpointId === endpoint.id || key.teamId === endpoint.teamId)
        .flatMap((key) => keyForGateways(key, now)),
      timeout_ms: endpoint.timeoutMs,
      max_queue: endpoint.maxQueue,
      max_body_bytes: endpoint.maxBodyBytes,
      cors_origins: endpoint.corsOrigins,
      ...(endpoint.rate ? { rate: endpoint.rate } : {}),
      ...(endpoint.addressRate ? { address_rate: endpoint.addressRate } : {}),
      out_of_credit: unpaid.has(endpoint.teamId),
      bindings: bindingRows
        .filter((binding) => binding.endpointId === endpoint.id)
        .map((binding) => ({
          id: binding.id as Id<"binding">,
          // A model that is still loading must not draw traffic from one that answers; one that may sleep gets its share.
          weight: binding.state === "ready" || holding.has(binding.id) ? binding.weight : 0,
          model: binding.model,
          version: binding.version,
          signature: binding.signature,
          ...(binding.shadowPercent > 0 && {
            shadow: { percent: binding.shadowPercent, tolerance: binding.shadowTolerance },
          }),
          replica_sha256: (attempts.get(binding.id) ?? []).flatMap(({ attemptId }) =>
            attemptId ? [sha256(replicaToken(ctx.settings.secret, attemptId))] : [],
          ),
          holds: holding.has(binding.id),
        })),
    })),
  };
}
