import type { Context } from "../platform/context.ts";
import type { Metrics } from "../platform/metrics.ts";
import { readCluster } from "./cluster.ts";

/**
 * Brings the gauges of `/metrics` up to date; called when Prometheus asks. Without a database they show nothing,
 * while the hub's own figures go on.
 */
export async function observeCluster(ctx: Context, metrics: Metrics): Promise<void> {
  const cluster = await readCluster(ctx).catch((error: unknown) => {
    ctx.log.warn({ err: error }, "the cluster's state can't be read for its metrics");
    return null;
  });
  if (!cluster) {
    metrics.sessions.reset();
    metrics.devices.reset();
    return;
  }
  metrics.sessions.reset();
  for (const [state, count] of cluster.states) metrics.sessions.set({ state }, count);
  metrics.devices.set({ use: "held" }, cluster.devices_in_use);
  metrics.devices.set({ use: "free" }, cluster.devices - cluster.devices_in_use);
}
