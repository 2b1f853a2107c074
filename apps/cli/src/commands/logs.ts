import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { leaf } from "../command.ts";
import { printLogs } from "../follow.ts";
import { printable } from "../output.ts";
import { findSession } from "../session-ref.ts";
import { finishWith, watchSession } from "../watch-session.ts";

export function logsCommand(cli: Cli): Command {
  return leaf("logs", "show a session's log")
    .argument("<session>", "owner/dataset/N or id")
    .option("-f, --follow", "go on until the session has ended; Ctrl-C leaves it running")
    .action(async (reference: string, options: { follow?: boolean; json?: boolean }) => {
      const session = await findSession(cli, reference);
      if (options.follow) return finishWith(await watchSession(cli, session, options));
      const lines: string[] = [];
      await printLogs(cli, session, 0, (text) =>
        options.json ? lines.push(text) : cli.out.line(printable(text)),
      );
      if (options.json) cli.out.json(lines);
    });
}
