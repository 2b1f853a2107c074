import type { WhyWaiting } from "@podium/shared";
import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { ok } from "../client.ts";
import { type JsonOption, leaf, show } from "../command.ts";
import { formatTime } from "../quantities.ts";
import { findSession } from "../session-ref.ts";
import type { Session } from "../types.ts";
import { RULES } from "../waiting-rules.ts";

export function whyCommand(cli: Cli): Command {
  return leaf("why", "say why a session waits, node by node")
    .argument("<session>", "owner/dataset/N or id")
    .action(async (reference: string, options: JsonOption) => {
      const session = await findSession(cli, reference);
      const why = await ok(
        cli.api().GET("/api/v1/sessions/{id}/why", { params: { path: { id: session.id } } }),
      );
      show(cli, options, why, ({ state, position, starts_at, rule, nodes }) => {
        if (state !== "queued") return `${session.name} does not wait: ${isNow(state)}${reasonOf(session)}.`;
        const place = position === null ? "is queued" : `is number ${position} in the queue`;
        const lines = [`${session.name} ${place}${rule === null ? "" : `: ${RULES[rule]}`}.`];
        if (position !== null && starts_at !== null)
          lines.push(
            `By the time limits of what runs, and of what is ahead of it, it starts at ${formatTime(starts_at)}, if not before.`,
          );
        return [...lines, ...nodes.map(({ node, reason }) => `  ${node}: ${reason}`)].join("\n");
      });
    });
}

/** Who asks why it does not run is told what there is to do about it, here and not in another command. */
function reasonOf({
  state,
  stop_reason,
  failure,
}: Pick<Session, "state" | "stop_reason" | "failure">): string {
  if (failure) return `: ${[failure.message, failure.hint].filter(Boolean).join(" ").replace(/\.$/, "")}`;
  if (state === "paused" && stop_reason === "credits_exhausted")
    return `: the team's credit is used up. With new credit, podium resume goes on from its last checkpoint`;
  return "";
}

function isNow(state: WhyWaiting["state"]): string {
  if (state === "succeeded" || state === "failed") return `it has ${state}`;
  return `it ${state === "stopped" ? "was" : "is"} ${state}`;
}
