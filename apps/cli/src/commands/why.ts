import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { ok } from "../client.ts";
import { type JsonOption, leaf, show } from "../command.ts";
import { findSession } from "../session-ref.ts";

export function whyCommand(cli: Cli): Command {
  return leaf("why", "say why a session waits, node by node")
    .argument("<session>", "owner/dataset/N or id")
    .action(async (reference: string, options: JsonOption) => {
      const session = await findSession(cli, reference);
      const why = await ok(
        cli.api().GET("/api/v1/sessions/{id}/why", { params: { path: { id: session.id } } }),
      );
      show(cli, options, why, ({ position, nodes }) => {
        if (session.state !== "queued") return `${session.name} does not wait: it is ${session.state}.`;
        const place = position === null ? "is queued" : `is number ${position} in the queue`;
        const reasons = nodes.map(({ node, reason }) => `\n  ${node}: ${reason}`);
        return `${session.name} ${place}.${reasons.length > 0 ? reasons.join("") : " No node has joined yet."}`;
      });
    });
}
