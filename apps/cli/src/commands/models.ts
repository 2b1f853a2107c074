import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { ok } from "../client.ts";
import { group, type JsonOption, leaf, show } from "../command.ts";
import { table } from "../output.ts";
import { formatBytes, formatNumber, formatTime } from "../quantities.ts";
import { findSession } from "../session-ref.ts";

export function modelsCommand(cli: Cli): Command {
  return listing(cli, "models");
}

/** `podium model ls`, as NSML's users type it. */
export function modelCommand(cli: Cli): Command {
  return group("model", "the checkpoints of a session", [listing(cli, "ls")]);
}

function listing(cli: Cli, name: string): Command {
  return leaf(name, "list the checkpoints that a session saved")
    .argument("<session>", "owner/dataset/N or id")
    .action(async (reference: string, options: JsonOption) => {
      const { id } = await findSession(cli, reference);
      const { items } = await ok(
        cli.api().GET("/api/v1/sessions/{id}/checkpoints", { params: { path: { id } } }),
      );
      show(cli, options, items, (rows) =>
        table(
          rows,
          [
            { title: "CHECKPOINT", value: (row) => row.name },
            { title: "SAVED", value: (row) => formatTime(row.created_at) },
            { title: "SIZE", value: (row) => formatBytes(row.size_bytes), right: true },
            { title: "METRICS", value: (row) => metricsOf(row.metrics) || "–" },
          ],
          "No checkpoints yet. A script saves one with podium.save(name).",
        ),
      );
    });
}

function metricsOf(metrics: Record<string, number>): string {
  return Object.entries(metrics)
    .map(([name, value]) => `${name}=${formatNumber(value)}`)
    .join(" ");
}
