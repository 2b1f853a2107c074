import type { Command } from "commander";
import { moveInto } from "../bundles/bundle-files.ts";
import { openBundle } from "../bundles/open-bundle.ts";
import type { Cli } from "../cli.ts";
import { type JsonOption, leaf, show } from "../command.ts";

export function competitionConvertCommand(cli: Cli): Command {
  return leaf(
    "convert",
    "turn a Codabench or CodaLab bundle into a folder of Podium's own",
    "To go on from there: the folder is checked, and `podium competition create` takes it.",
  )
    .argument("<bundle>", "a folder or a zip file")
    .argument("<folder>", "new or empty")
    .action(async (bundle: string, folder: string, options: JsonOption) => {
      await openBundle(cli, bundle, async (contest) => {
        moveInto(contest.folder, folder);
        const { name } = contest.definition;
        show(
          cli,
          options,
          { name, folder },
          () => `${name} is in ${folder}. Next: podium competition create ${folder}`,
        );
      });
    });
}
