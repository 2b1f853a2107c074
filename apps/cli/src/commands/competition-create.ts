import type { Command } from "commander";
import { openBundle } from "../bundles/open-bundle.ts";
import type { Cli } from "../cli.ts";
import { ok } from "../client.ts";
import { leaf, show } from "../command.ts";
import { describe } from "../describe-competition.ts";
import { pushRounds } from "../push-rounds.ts";
import { asBody } from "../types.ts";

interface Options {
  team?: string;
  json?: boolean;
}

export function competitionCreateCommand(cli: Cli): Command {
  return leaf(
    "create",
    "create a competition from a folder with competition.yaml and its data",
    "Everything in the folder is checked before anything is sent; every problem is shown with its line and column. Bundles of Codabench (version 2) and CodaLab (1.5), as folders or zip files, are taken too.",
  )
    .argument("<folder>", "or a zip file")
    .option("--team <team>", "the team that organizes it (default: your personal team)")
    .action(async (path: string, options: Options) => {
      await openBundle(cli, path, async ({ folder, definition }) => {
        const data = await pushRounds(cli, folder, definition, options.team);
        const team = options.team === undefined ? {} : { team: options.team };
        const body = asBody<"/api/v1/competitions">({ ...team, definition, data });
        const competition = await ok(cli.api().POST("/api/v1/competitions", { body }));
        show(cli, options, competition, describe);
      });
    });
}
