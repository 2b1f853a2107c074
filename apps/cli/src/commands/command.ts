import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { type JsonOption, leaf, show } from "../command.ts";
import { printable } from "../output.ts";
import { findSession } from "../session-ref.ts";
import { joinWords } from "../words.ts";

export function commandCommand(cli: Cli): Command {
  return leaf("command", "show the command line that a session runs")
    .argument("<session>", "owner/dataset/N or id")
    .action(async (reference: string, options: JsonOption) => {
      const { name, entrypoint, args } = await findSession(cli, reference);
      show(cli, options, { name, entrypoint, args }, () =>
        printable(joinWords(["python", entrypoint, ...args])),
      );
    });
}
