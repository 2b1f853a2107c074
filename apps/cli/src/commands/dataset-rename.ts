import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { ok } from "../client.ts";
import { type JsonOption, leaf, show } from "../command.ts";
import { readableDataset, refuseVersion } from "../dataset-ref.ts";

export function renameDataset(cli: Cli): Command {
  return leaf(
    "rename",
    "give a dataset another name",
    "The old name is free at once: scripts and people who use it must be told. Sessions that were made with it, and their forks, keep the name that they mount it under.",
  )
    .argument("<name>", "NAME or team/NAME")
    .argument("<new-name>", "lower-case letters, digits, hyphens; it stays with its team")
    .action(async (reference: string, name: string, options: JsonOption) => {
      const found = await readableDataset(cli, reference);
      refuseVersion(found, reference);
      const params = { path: { team: found.team, name: found.name } };
      const renamed = await ok(
        cli.api().POST("/api/v1/datasets/{team}/{name}/rename", { params, body: { name } }),
      );
      show(cli, options, renamed, (now) => `${found.team}/${found.name} is ${now.team}/${now.name} now.`);
    });
}
