import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { type JsonOption, leaf, show } from "../command.ts";
import { findSession } from "../session-ref.ts";

export function getidCommand(cli: Cli): Command {
  return leaf("getid", "show a session's id")
    .argument("<session>", "owner/dataset/N")
    .action(async (reference: string, options: JsonOption) => {
      const { id, name } = await findSession(cli, reference);
      show(cli, options, { id, name }, () => id);
    });
}
