import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { ok } from "../client.ts";
import { type JsonOption, leaf, show } from "../command.ts";
import { table } from "../output.ts";
import { formatBytes, formatTime } from "../quantities.ts";

export function nodesCommand(cli: Cli): Command {
  return leaf("nodes", "list the machines that run sessions, and what is free on them").action(
    async (options: JsonOption) => {
      const { items } = await ok(cli.api().GET("/api/v1/nodes"));
      show(cli, options, items, (rows) =>
        table(
          rows,
          [
            { title: "NAME", value: (row) => row.name },
            { title: "STATE", value: (row) => row.state },
            {
              title: "CPUS",
              value: (row) => (row.capacity ? row.capacity.cpu_milli / 1000 : null),
              right: true,
            },
            {
              title: "MEMORY",
              value: (row) => (row.capacity ? formatBytes(row.capacity.memory_bytes) : null),
              right: true,
            },
            {
              title: "GPUS FREE",
              value: (row) => `${row.free_gpu_milli / 1000} of ${row.capacity?.devices.length ?? 0}`,
              right: true,
            },
            {
              title: "MODEL",
              value: (row) =>
                [...new Set(row.capacity?.devices.map((device) => device.model))].join(", ") || "–",
            },
            { title: "SEEN", value: (row) => formatTime(row.last_seen_at) },
          ],
          "No node has joined yet.",
        ),
      );
    },
  );
}
