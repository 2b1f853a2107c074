import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { ok } from "../client.ts";
import { type JsonOption, leaf, show } from "../command.ts";
import { findSession } from "../session-ref.ts";

export function resumeCommand(cli: Cli): Command {
  return leaf(
    "resume",
    "let a session go on from its latest checkpoint",
    "A paused session goes on itself. Of one that has ended, a new session is made, as by podium fork.",
  )
    .argument("<session>", "owner/dataset/N or id")
    .action(async (reference: string, options: JsonOption) => {
      const { id } = await findSession(cli, reference);
      const session = await ok(cli.api().POST("/api/v1/sessions/{id}/resume", { params: { path: { id } } }));
      show(cli, options, session, (resumed) =>
        resumed.id === id
          ? `${resumed.name} is ${resumed.state}.`
          : `${resumed.name} goes on from ${resumed.checkpoint ?? "the beginning"}. Follow it: podium logs -f ${resumed.name}`,
      );
    });
}
