import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { ok } from "../client.ts";
import { leaf, show } from "../command.ts";
import { type DatasetRef, readableDataset } from "../dataset-ref.ts";
import { CliError, EXIT } from "../errors.ts";
import { printable } from "../output.ts";
import { formatBytes, parseCount } from "../quantities.ts";
import type { DatasetChange, DatasetDiff } from "../types.ts";

const PAGE = 10_000;

interface Options {
  number: number;
  json?: boolean;
}

export function diffDatasets(cli: Cli): Command {
  return leaf(
    "diff",
    "compare two versions of a dataset",
    "Without versions the newest is compared with the one before it; with one, the newest with that one.",
  )
    .argument("<name>", "NAME or team/NAME, with @version for the older one")
    .argument("[version]", "the newer one: @3")
    .option("-n, --number <number>", "list at most so many files", parseCount, 50)
    .action(async (reference: string, newer: string | undefined, options: Options) => {
      const to = versionOf(newer);
      const dataset = await readableDataset(cli, reference);
      const diff = await fetchDiff(
        cli,
        dataset,
        to,
        options.json ? Number.POSITIVE_INFINITY : options.number,
      );
      show(cli, options, diff, () => describe(cli, `${dataset.team}/${dataset.name}`, diff));
    });
}

function versionOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const match = /^@?(\d{1,9})$/.exec(text);
  if (!match) throw new CliError(`"${text}" is not a version: say it as @3.`, EXIT.usage);
  return Number(match[1]);
}

/** The difference with its first `most` changes. */
async function fetchDiff(
  cli: Cli,
  { team, name, version }: DatasetRef,
  to: number | undefined,
  most: number,
): Promise<DatasetDiff> {
  const versions = { ...(version === null ? {} : { from: version }), ...(to === undefined ? {} : { to }) };
  const page = (after: string | null, limit: number) => {
    const query = { ...versions, limit, ...(after === null ? {} : { after }) };
    return ok(
      cli.api().GET("/api/v1/datasets/{team}/{name}/diff", { params: { path: { team, name }, query } }),
    );
  };
  const diff = await page(null, Math.max(1, Math.min(PAGE, most)));
  const items = diff.items.slice(0, most);
  let { next } = diff;
  while (next !== null && items.length < most) {
    const more: DatasetDiff = await page(next, Math.min(PAGE, most - items.length));
    items.push(...more.items);
    next = more.next;
  }
  return { ...diff, items, next };
}

function describe(cli: Cli, shown: string, { from, to, totals, items }: DatasetDiff): string {
  const { unchanged, ...changes } = totals;
  const counts = Object.entries(changes).filter(([, { files }]) => files > 0);
  const head = `${shown}: version ${from} → ${to}`;
  if (counts.length === 0) return `${head}: the files are the same (${unchanged.files}).`;
  const words = counts.map(
    ([change, { files, bytes }]) => `${files} ${change.replace("_", " ")} (${formatBytes(bytes)})`,
  );
  const left = counts.reduce((sum, [, { files }]) => sum + files, 0) - items.length;
  return [
    `${head}: ${words.join(", ")}; ${unchanged.files} unchanged`,
    ...items.map((item) => line(cli, item)),
    ...(left > 0 ? [`… and ${left} more (-n NUMBER lists more, --json all)`] : []),
  ].join("\n");
}

function line(cli: Cli, { change, path, old_path, before, after }: DatasetChange): string {
  const name = printable(path);
  const [was, is] = [formatBytes(before?.size_bytes ?? 0), formatBytes(after?.size_bytes ?? 0)];
  const mode =
    before && after && before.executable !== after.executable
      ? `  ${after.executable ? "now executable" : "no longer executable"}`
      : "";
  switch (change) {
    case "added":
      return cli.out.paint("green", `+ ${name}  ${is}`);
    case "removed":
      return cli.out.paint("red", `- ${name}  ${was}`);
    case "renamed":
      return cli.out.paint("cyan", `> ${printable(old_path ?? "")} → ${name}  ${is}${mode}`);
    case "mode_changed":
      return cli.out.paint("yellow", `* ${name}${mode}`);
    case "changed":
      return cli.out.paint("yellow", `~ ${name}  ${was === is ? is : `${was} → ${is}`}${mode}`);
  }
}
