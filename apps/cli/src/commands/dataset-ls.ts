import { type DatasetSort, datasetSortSchema } from "@podium/shared";
import { type Command, Option } from "commander";
import type { Cli } from "../cli.ts";
import { allPages, ok } from "../client.ts";
import { leaf, show } from "../command.ts";
import { type Column, table } from "../output.ts";
import { formatBytes, formatTime } from "../quantities.ts";
import type { Dataset } from "../types.ts";

interface Options {
  search?: string;
  tag: string[];
  sort: DatasetSort;
  json?: boolean;
}

const DESCRIPTION_WIDTH = 50;

const COLUMNS: Column<Dataset>[] = [
  { title: "NAME", value: (row) => `${row.team}/${row.name}` },
  { title: "VERSION", value: (row) => row.latest_version || "–", right: true },
  { title: "SIZE", value: (row) => formatBytes(row.size_bytes), right: true },
  { title: "MODIFIED", value: (row) => formatTime(row.modified_at) },
  { title: "LAST ACCESS", value: (row) => formatTime(row.last_access_at) },
  { title: "AUTHOR", value: (row) => row.author },
  { title: "VISIBLE TO", value: (row) => row.visibility },
  { title: "TAGS", value: (row) => row.tags.join(", ") || "–" },
  { title: "DESCRIPTION", value: (row) => firstWords(row.description) || "–" },
];

export function listDatasets(cli: Cli): Command {
  return filtered("ls", "list the datasets that you may use")
    .option("--search <text>", "only those whose name, description or tags hold these words")
    .action((options: Options) => list(cli, options));
}

export function searchDatasets(cli: Cli): Command {
  return filtered("search", "find datasets by words of their name, description or tags")
    .argument("<text>", "all of these words must occur")
    .action((text: string, options: Options) => list(cli, { ...options, search: text }));
}

function filtered(name: string, summary: string): Command {
  return leaf(name, summary)
    .option("--tag <tag>", "only those with this tag (repeatable)", (tag, all: string[]) => [...all, tag], [])
    .addOption(
      new Option("--sort <order>", "all but name begin with the largest or latest")
        .choices(datasetSortSchema.options)
        .default("name"),
    );
}

async function list(cli: Cli, options: Options): Promise<void> {
  const { search, tag, sort } = options;
  const filter = { sort, ...(search === undefined ? {} : { q: search }), ...(tag.length > 0 ? { tag } : {}) };
  const all = await allPages((query) =>
    ok(cli.api().GET("/api/v1/datasets", { params: { query: { ...filter, ...query } } })),
  );
  const isFiltered = search !== undefined || tag.length > 0;
  show(cli, options, all, (rows) =>
    table(
      rows,
      COLUMNS,
      isFiltered
        ? "No dataset fits. All: podium dataset ls"
        : "There are no datasets yet. Push one: podium dataset push NAME FOLDER",
    ),
  );
}

function firstWords(text: string): string {
  const line = text.trim().split("\n")[0] ?? "";
  return line.length > DESCRIPTION_WIDTH ? `${line.slice(0, DESCRIPTION_WIDTH - 1).trimEnd()}…` : line;
}
