import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { ok } from "../client.ts";
import { type JsonOption, leaf, show } from "../command.ts";
import { formatShare } from "../figures.ts";
import { counted } from "../quantities.ts";

export function statusCommand(cli: Cli): Command {
  return leaf("status", "show whether the service is up, and what its cluster does").action(
    async (options: JsonOption) => {
      const api = cli.api();
      const [cluster, nodes, series] = await Promise.all([
        ok(api.GET("/api/v1/cluster")),
        ok(api.GET("/api/v1/nodes")),
        ok(api.GET("/api/v1/cluster/figures", { params: { query: { points: 60 } } })),
      ]);
      const lost = nodes.items.filter((node) => node.state === "lost").map((node) => node.name);
      const measured = series.points.reduce((sum, point) => sum + point.devices_measured, 0);
      const busy = series.points.reduce((sum, point) => sum + point.devices_busy, 0);
      const busyShare = measured > 0 ? busy / measured : null;
      show(cli, options, { hub: api.url, ...cluster, nodes_lost: lost, busy_share: busyShare }, (now) => {
        return [
          `The hub at ${now.hub} is up.`,
          `Nodes: ${counted(now.nodes, "node")} ready${lost.length > 0 ? `, lost: ${lost.join(", ")}` : ""}.`,
          `GPUs: ${now.devices_in_use} of ${now.devices} held; above 80 % utilisation in the last hour: ${formatShare(now.busy_share)}.`,
          `Sessions: ${now.sessions_running} running, ${now.sessions_queued} waiting.`,
        ].join("\n");
      });
    },
  );
}
