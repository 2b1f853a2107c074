import { join } from "node:path";
import type { RoundDefinition } from "@podium/shared";
import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { ok } from "../client.ts";
import { leaf, show } from "../command.ts";
import { readBundle } from "../competition-bundle.ts";
import { describe } from "../describe-competition.ts";
import { push } from "../push.ts";
import { asBody } from "../types.ts";

interface Options {
  team?: string;
  json?: boolean;
}

export function competitionCreateCommand(cli: Cli): Command {
  return leaf(
    "create",
    "create a competition from a folder with competition.yaml and its data",
    "Everything in the folder is checked before anything is sent; every problem is shown with its line and column.",
  )
    .argument("<folder>")
    .option("--team <team>", "the team that organizes it (default: your personal team)")
    .action(async (folder: string, options: Options) => {
      const definition = readBundle(folder);
      const data = [];
      for (const round of definition.rounds) data.push(await pushRound(cli, folder, round, options.team));
      const team = options.team === undefined ? {} : { team: options.team };
      const body = asBody<"/api/v1/competitions">({ ...team, definition, data });
      const competition = await ok(cli.api().POST("/api/v1/competitions", { body }));
      show(cli, options, competition, describe);
    });
}

/** Pushes the three trees of a round. Labels are one file: a tree that holds just that file. */
async function pushRound(cli: Cli, folder: string, round: RoundDefinition, team: string | undefined) {
  const treeOf = async (path: string) => (await push(cli, join(folder, path), team)).tree_id;
  return {
    round: round.name,
    train: await treeOf(round.train),
    inputs: await treeOf(round.inputs),
    labels: await treeOf(round.labels),
  };
}
