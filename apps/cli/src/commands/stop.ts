import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { ok } from "../client.ts";
import { type JsonOption, leaf, show } from "../command.ts";
import { findSession } from "../session-ref.ts";

export function stopCommand(cli: Cli): Command {
  return leaf("stop", "stop a session", "It is asked to save a checkpoint and gets a moment to end.")
    .argument("<session>", "owner/dataset/N or id")
    .action(async (reference: string, options: JsonOption) => {
      const { id } = await findSession(cli, reference);
      const session = await ok(cli.api().POST("/api/v1/sessions/{id}/stop", { params: { path: { id } } }));
      show(cli, options, session, ({ name, state, grace_ms }) =>
        state === "stopping"
          ? `${name} is stopping: it has ${grace_ms / 1000} s to save a checkpoint. See: podium logs -f ${name}`
          : `${name} is ${state}.`,
      );
    });
}
