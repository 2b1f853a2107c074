import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { ok } from "../client.ts";
import { type JsonOption, leaf, show } from "../command.ts";
import { CliError } from "../errors.ts";
import { formatAmount, formatMemory, formatShare, meanOf } from "../figures.ts";
import { table } from "../output.ts";
import type { Node } from "../types.ts";

export function gpumonitorCommand(cli: Cli): Command {
  return leaf("gpumonitor", "show how busy the cluster's nodes and GPUs are")
    .option("-n, --node <node>", "the GPUs of this node, one by one")
    .action(async ({ node: name, ...options }: JsonOption & { node?: string }) => {
      const { items } = await ok(cli.api().GET("/api/v1/nodes"));
      if (name === undefined) return show(cli, options, items, describeAll);
      const node = items.find((each) => each.name === name);
      if (!node) throw new CliError(`There is no node ${name}. Those there are: podium nodes`);
      show(cli, options, node, describeOne);
    });
}

function describeAll(nodes: readonly Node[]): string {
  const busy = (node: Node) => meanOf((node.figures?.devices ?? []).map((device) => device.utilization));
  const gpus = (node: Node) => node.capacity?.devices.length ?? 0;
  return table(
    nodes,
    [
      { title: "NODE", value: (row) => row.name },
      { title: "STATE", value: (row) => row.state },
      { title: "CPU", value: (row) => formatShare(row.figures?.cpu_share), right: true },
      {
        title: "MEMORY",
        value: (row) => formatMemory(row.figures?.memory_bytes, row.capacity?.memory_bytes),
        right: true,
      },
      { title: "GPUS HELD", value: (row) => `${gpus(row) - row.free_devices} of ${gpus(row)}`, right: true },
      { title: "GPUS BUSY", value: (row) => formatShare(busy(row)), right: true },
      { title: "DISK FREE", value: (row) => formatMemory(row.figures?.disk_free_bytes), right: true },
    ],
    "No node has joined yet.",
  );
}

function describeOne({ name, state, capacity, figures }: Node): string {
  const models = new Map(capacity?.devices.map((device) => [device.index, device]));
  const gpus = table(
    figures?.devices ?? [],
    [
      { title: "GPU", value: (row) => row.index, right: true },
      { title: "MODEL", value: (row) => models.get(row.index)?.model },
      { title: "BUSY", value: (row) => formatShare(row.utilization), right: true },
      {
        title: "MEMORY",
        value: (row) => formatMemory(row.memory_bytes, models.get(row.index)?.memory_bytes),
        right: true,
      },
      { title: "TEMP", value: (row) => formatAmount(row.temperature_celsius, "°C"), right: true },
      { title: "POWER", value: (row) => formatAmount(row.power_watts, "W"), right: true },
    ],
    "It has no GPUs, or has not yet said what they do.",
  );
  const memory = formatMemory(figures?.memory_bytes, capacity?.memory_bytes);
  return `${name} is ${state}. CPU ${formatShare(figures?.cpu_share)}, memory ${memory}.\n${gpus}`;
}
