import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { ok } from "../client.ts";
import { leaf, show } from "../command.ts";
import { type DatasetRef, readableDataset } from "../dataset-ref.ts";
import { CliError } from "../errors.ts";
import { pullTree } from "../fetch-tree.ts";
import { counted, formatBytes } from "../quantities.ts";

export function pullDataset(cli: Cli): Command {
  return leaf("pull", "fetch a dataset into a folder")
    .argument("<name>", "NAME, team/NAME or team/NAME@version")
    .argument("<path>", "a new or empty folder")
    .option("--force", "write over what is in the folder")
    .action(async (reference: string, path: string, options: { force?: boolean; json?: boolean }) => {
      const tree = await treeOf(cli, await readableDataset(cli, reference));
      const pulled = await pullTree(cli, tree, path, { force: options.force ?? false });
      show(
        cli,
        options,
        pulled,
        ({ path: folder, files, size_bytes }) =>
          `${counted(files, "file")}, ${formatBytes(size_bytes)}, in ${folder}.`,
      );
    });
}

/** The tree of a dataset's version, of its latest when none is named. */
export async function treeOf(cli: Cli, { team, name, version: number }: DatasetRef): Promise<string> {
  const params = { path: { team, name } };
  const { items: versions } = await ok(cli.api().GET("/api/v1/datasets/{team}/{name}/versions", { params }));
  const wanted = number ?? Math.max(0, ...versions.map((version) => version.number));
  const version = versions.find((each) => each.number === wanted);
  if (version) return version.tree_id;
  throw new CliError(
    number === null ? `${team}/${name} has no version yet.` : `${team}/${name} has no version ${number}.`,
  );
}
