import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { competitionExportSchema, treeSchema } from "@podium/shared";
import type { Command } from "commander";
import { layOut } from "../bundles/export-layout.ts";
import { definitionYaml } from "../bundles/write-definition.ts";
import type { Cli } from "../cli.ts";
import { ok } from "../client.ts";
import { type JsonOption, leaf, show } from "../command.ts";
import { definitionFile } from "../competition-bundle.ts";
import { CliError } from "../errors.ts";
import { pullTree } from "../fetch-tree.ts";

export function competitionExportCommand(cli: Cli): Command {
  return leaf(
    "export",
    "write a competition into a folder that create and edit accept",
    "The organizer alone may. The folder holds the hidden labels and the split's seed: keep it as you keep those.",
  )
    .argument("<name>")
    .argument("<folder>", "new or empty")
    .action(async (name: string, folder: string, options: JsonOption) => {
      if (existsSync(folder) && readdirSync(folder).length > 0)
        throw new CliError(`${folder} is not empty. Name a new folder.`);
      const params = { path: { name } };
      const answer = await ok(cli.api().GET("/api/v1/competitions/{name}/export", { params }));
      // Parsed, not trusted: names become paths.
      const { version, definition, data } = competitionExportSchema.parse(answer);
      const files = new Map<string, string | null>();
      for (const { labels, sample } of data)
        for (const id of [labels, ...(sample ? [sample.labels] : [])]) files.set(id, await onlyFile(cli, id));
      const layout = layOut(definition, data, (treeId) => files.get(treeId) ?? null);
      for (const { path, treeId } of layout.trees)
        await pullTree(cli, treeId, join(folder, path), { force: false });
      for (const { path, content } of layout.texts) {
        mkdirSync(dirname(join(folder, path)), { recursive: true });
        writeFileSync(join(folder, path), content);
      }
      mkdirSync(folder, { recursive: true });
      writeFileSync(definitionFile(folder), definitionYaml(layout.definition));
      show(
        cli,
        options,
        { name, version, folder },
        () =>
          `${name}, version ${version}, is in ${folder}. Change it there, then: podium competition edit ${folder}`,
      );
    });
}

/** Name of the one file of a tree that has no more. */
async function onlyFile(cli: Cli, id: string): Promise<string | null> {
  const tree = treeSchema.parse(await ok(cli.api().GET("/api/v1/trees/{id}", { params: { path: { id } } })));
  const [entry] = tree.entries;
  return tree.entries.length === 1 && entry && !entry.path.includes("/") ? entry.path : null;
}
