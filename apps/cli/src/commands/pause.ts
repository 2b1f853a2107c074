import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { ok } from "../client.ts";
import { type JsonOption, leaf, show } from "../command.ts";
import { findSession } from "../session-ref.ts";

export function pauseCommand(cli: Cli): Command {
  return leaf(
    "pause",
    "let a session save and end, to go on later",
    "While it is paused it holds no GPU and pays nothing. It goes on from what it saved: podium resume SESSION.",
  )
    .argument("<session>", "owner/dataset/N or id")
    .action(async (reference: string, options: JsonOption) => {
      const { id } = await findSession(cli, reference);
      const session = await ok(cli.api().POST("/api/v1/sessions/{id}/pause", { params: { path: { id } } }));
      show(cli, options, session, ({ name, state }) =>
        state === "paused"
          ? `${name} is paused.`
          : `${name} is asked to save; then it is paused. Go on: podium resume ${name}`,
      );
    });
}
