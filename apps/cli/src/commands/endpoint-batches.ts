import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { allPages, ok } from "../client.ts";
import { type JsonOption, leaf, show } from "../command.ts";
import { printable, table } from "../output.ts";
import { formatTime, parseCount } from "../quantities.ts";
import type { BatchInference } from "../types.ts";

export function endpointBatchesCommand(cli: Cli): Command {
  return leaf("batches", "list the datasets that an endpoint's versions predict in the hub, newest first")
    .argument("<name>")
    .option("--limit <n>", "how many", parseCount, 50)
    .action(async (name: string, options: JsonOption & { limit: number }) => {
      const path = { name };
      const all = await allPages(
        (query) =>
          ok(cli.api().GET("/api/v1/endpoints/{name}/batch-inferences", { params: { path, query } })),
        Math.max(1, options.limit),
      );
      show(cli, options, all, (rows) => describe(name, rows));
    });
}

function describe(name: string, batches: readonly BatchInference[]): string {
  return table(
    batches,
    [
      { title: "STARTED", value: (row) => formatTime(row.created_at) },
      { title: "VERSION", value: (row) => String(row.version) },
      { title: "DATASET", value: (row) => row.dataset },
      { title: "OUTPUT", value: outputOf },
      { title: "STATE", value: (row) => row.state },
      { title: "SESSION", value: (row) => row.session_id },
      { title: "WHY", value: (row) => printable(row.failure ?? "") },
    ],
    `None so far. Start one: podium infer ${name} --dataset NAME --output NAME --in-hub`,
  );
}

const outputOf = ({ output, output_version }: BatchInference) =>
  output_version === null ? output : `${output}@${output_version}`;
