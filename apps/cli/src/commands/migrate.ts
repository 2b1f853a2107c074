import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { ok } from "../client.ts";
import { type JsonOption, leaf, show } from "../command.ts";
import { findSession } from "../session-ref.ts";

export function migrateCommand(cli: Cli): Command {
  return leaf(
    "migrate",
    "move a session to another node",
    "It is asked to save, ends, and goes on from there on the node that is named, or on any other than its own.",
  )
    .argument("<session>", "owner/dataset/N or id")
    .option("--node <node>", "its name: podium nodes")
    .action(async (reference: string, options: JsonOption & { node?: string }) => {
      const { id } = await findSession(cli, reference);
      const body = options.node === undefined ? {} : { node: options.node };
      const session = await ok(
        cli.api().POST("/api/v1/sessions/{id}/migrate", { params: { path: { id } }, body }),
      );
      show(cli, options, session, ({ name, state }) =>
        state === "stopping" ? `${name} is asked to save; then it moves.` : `${name} is ${state}.`,
      );
    });
}
