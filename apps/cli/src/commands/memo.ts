import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { type JsonOption, leaf, show } from "../command.ts";
import { printable } from "../output.ts";
import { findSession } from "../session-ref.ts";

export function memoCommand(cli: Cli): Command {
  return leaf("memo", "show a session's note")
    .argument("<session>", "owner/dataset/N or id")
    .action(async (reference: string, options: JsonOption) => {
      const { name, memo } = await findSession(cli, reference);
      show(cli, options, { name, memo }, () => printable(memo));
    });
}
