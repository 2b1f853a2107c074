import { nodeFiguresSchema } from "@podium/shared";
import { listNodes } from "../nodes/index.ts";
import type { Context } from "../platform/context.ts";
import type { Metrics } from "../platform/metrics.ts";
import { readCluster } from "./cluster.ts";

/**
 * Brings the gauges of `/metrics` up to date; called when Prometheus asks. Without a database they show nothing,
 * while the hub's own figures go on.
 */
export async function observeCluster(ctx: Context, metrics: Metrics): Promise<void> {
  const read = await Promise.all([readCluster(ctx), listNodes(ctx.db)]).catch((error: unknown) => {
    ctx.log.warn({ err: error }, "the cluster's state can't be read for its metrics");
    return null;
  });
  metrics.sessions.reset();
  metrics.devices.reset();
  for (const gauge of Object.values(metrics.machines)) gauge.reset();
  if (!read) return;
  const [cluster, nodes] = read;
  for (const [state, count] of cluster.states) metrics.sessions.set({ state }, count);
  metrics.devices.set({ use: "held" }, cluster.devices_in_use);
  metrics.devices.set({ use: "free" }, cluster.devices - cluster.devices_in_use);
  for (const { node } of nodes) observeNode(metrics, node);
}

type Node = Awaited<ReturnType<typeof listNodes>>[number]["node"];

/** What a lost node said last is no figure of now; what is not known is not shown. */
function observeNode({ machines }: Metrics, { name, state, usage }: Node): void {
  machines.up.set({ node: name }, state === "ready" ? 1 : 0);
  const figures = state === "ready" ? nodeFiguresSchema.safeParse(usage).data : undefined;
  if (!figures) return;
  const set = (gauge: keyof typeof machines, value: number | null, labels: Record<string, string> = {}) => {
    if (value !== null) machines[gauge].set({ node: name, ...labels }, value);
  };
  set("cpu", figures.cpu_share);
  set("memory", figures.memory_bytes);
  set("diskFree", figures.disk_free_bytes);
  set("disk", figures.disk_read_bytes_per_second, { direction: "read" });
  set("disk", figures.disk_write_bytes_per_second, { direction: "write" });
  set("network", figures.network_receive_bytes_per_second, { direction: "receive" });
  set("network", figures.network_send_bytes_per_second, { direction: "send" });
  for (const device of figures.devices) {
    const gpu = { gpu: String(device.index) };
    set("gpu", device.utilization, gpu);
    set("gpuMemory", device.memory_bytes, gpu);
    set("gpuTemperature", device.temperature_celsius, gpu);
    set("gpuPower", device.power_watts, gpu);
  }
}
