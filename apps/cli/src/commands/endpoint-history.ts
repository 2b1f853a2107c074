import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { allPages, ok } from "../client.ts";
import { type JsonOption, leaf, show } from "../command.ts";
import { printable, table } from "../output.ts";
import { formatTime, parseCount } from "../quantities.ts";
import type { TrafficChange } from "../types.ts";

export function endpointHistoryCommand(cli: Cli): Command {
  return leaf("history", "show who changed an endpoint's shares, when, from what to what; newest first")
    .argument("<name>")
    .option("--limit <n>", "how many", parseCount, 50)
    .action(async (name: string, options: JsonOption & { limit: number }) => {
      const path = { name };
      const all = await allPages(
        (query) => ok(cli.api().GET("/api/v1/endpoints/{name}/traffic/changes", { params: { path, query } })),
        Math.max(1, options.limit),
      );
      show(cli, options, all, describe);
    });
}

function describe(changes: readonly TrafficChange[]): string {
  return table(
    changes,
    [
      { title: "WHEN", value: (row) => formatTime(row.at) },
      { title: "WHO", value: (row) => row.actor ?? "Podium" },
      { title: "WHAT", value: (row) => row.cause },
      { title: "FROM", value: (row) => sharesText(row.before) },
      { title: "TO", value: (row) => sharesText(row.after) },
      { title: "NOTE", value: (row) => printable(row.note ?? "") },
    ],
    "Nothing was bound to this endpoint so far.",
  );
}

function sharesText(shares: TrafficChange["before"]): string {
  return shares.map(({ version, percent }) => `${version}=${percent}`).join(" ") || "–";
}
