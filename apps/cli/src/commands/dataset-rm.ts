import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { ok } from "../client.ts";
import { leaf, show } from "../command.ts";
import { type DatasetRef, ownDataset } from "../dataset-ref.ts";
import { CliError, EXIT } from "../errors.ts";
import { ask } from "../prompt.ts";

export function removeDataset(cli: Cli): Command {
  return leaf(
    "rm",
    "remove a dataset, or one version of it, for good",
    "Refused while sessions or competitions use it. Sessions that have used it keep their record.",
  )
    .argument("<name>", "NAME or team/NAME, with @version for one version")
    .option("-f, --force", "don't ask")
    .action(async (reference: string, options: { force?: boolean; json?: boolean }) => {
      const target = await ownDataset(cli, reference);
      const { team, name, version } = target;
      const shown = `${team}/${name}${version === null ? "" : `@${version}`}`;
      if (!options.force) await confirm(cli, target, shown);
      const path = { team, name };
      await ok(
        version === null
          ? cli.api().DELETE("/api/v1/datasets/{team}/{name}", { params: { path } })
          : cli.api().DELETE("/api/v1/datasets/{team}/{name}/versions/{number}", {
              params: { path: { ...path, number: version } },
            }),
      );
      show(cli, options, { removed: shown }, () => `${shown} is removed.`);
    });
}

async function confirm(cli: Cli, { team, name, version }: DatasetRef, shown: string): Promise<void> {
  const params = { path: { team, name } };
  const { items } = await ok(cli.api().GET("/api/v1/datasets/{team}/{name}/versions", { params }));
  const what = version === null ? `${shown} and all its versions (${items.length})` : shown;
  const answer = await ask(`Remove ${what} for good? [y/N]`, "--force");
  if (!/^y(es)?$/i.test(answer)) throw new CliError("Nothing was removed.", EXIT.stopped);
}
