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
    .option("--node <node>", "where it goes: podium nodes")
    .option("--from <node>", "which of its nodes a gang leaves")
    .action(async (reference: string, options: JsonOption & { node?: string; from?: string }) => {
      const { id } = await findSession(cli, reference);
      const { node, from } = options;
      const body = { ...(node === undefined ? {} : { node }), ...(from === undefined ? {} : { from }) };
      const session = await ok(
        cli.api().POST("/api/v1/sessions/{id}/migrate", { params: { path: { id } }, body }),
      );
      show(cli, options, session, ({ name, state }) =>
        state === "stopping" ? `${name} is asked to save; then it moves.` : `${name} is ${state}.`,
      );
    });
}
