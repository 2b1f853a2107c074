import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { ok } from "../client.ts";
import { type JsonOption, leaf, show } from "../command.ts";
import { readableDataset, refuseVersion } from "../dataset-ref.ts";
import { printable, table } from "../output.ts";
import { formatBytes, formatTime } from "../quantities.ts";
import type { Dataset, DatasetVersion } from "../types.ts";

export function showDataset(cli: Cli): Command {
  return leaf("show", "show a dataset and its versions")
    .argument("<name>", "NAME or team/NAME")
    .action(async (reference: string, options: JsonOption) => {
      const found = await readableDataset(cli, reference);
      refuseVersion(found, reference);
      const params = { path: { team: found.team, name: found.name } };
      const dataset = await ok(cli.api().GET("/api/v1/datasets/{team}/{name}", { params }));
      const { items: versions } = await ok(
        cli.api().GET("/api/v1/datasets/{team}/{name}/versions", { params }),
      );
      show(cli, options, { ...dataset, versions }, () => `${describe(dataset)}\n\n${listing(versions)}`);
    });
}

function describe(dataset: Dataset): string {
  const facts = {
    Author: dataset.author,
    "Visible to": dataset.visibility,
    Tags: dataset.tags.join(", "),
    "Last access": dataset.last_access_at && formatTime(dataset.last_access_at),
    Mount: `podium run -d ${dataset.team}/${dataset.name}`,
  };
  return [
    `${dataset.team}/${dataset.name}`,
    ...(dataset.description === "" ? [] : [printable(dataset.description)]),
    ...Object.entries(facts).map(([name, value]) => `${name.padEnd(12)} ${printable(value || "–")}`),
  ].join("\n");
}

function listing(versions: readonly DatasetVersion[]): string {
  return table(
    versions,
    [
      { title: "VERSION", value: (row) => row.number, right: true },
      { title: "PUSHED", value: (row) => formatTime(row.created_at) },
      { title: "AUTHOR", value: (row) => row.author },
      { title: "FILES", value: (row) => row.files, right: true },
      { title: "SIZE", value: (row) => formatBytes(row.size_bytes), right: true },
      { title: "NOTE", value: (row) => row.note || "–" },
    ],
    "It has no version yet. Push one: podium dataset push NAME FOLDER",
  );
}
