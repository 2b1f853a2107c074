import type { components } from "@podium/shared/generated/api";
import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { ok } from "../client.ts";
import { type JsonOption, leaf, show } from "../command.ts";
import { describeWait } from "../describe-wait.ts";

type Backlog = components["schemas"]["ScoringBacklog"];

export function competitionScoringCommand(cli: Cli): Command {
  return leaf(
    "scoring",
    "show what is being scored, and what your scorer waits for",
    "Only the organizer may.",
  )
    .argument("<name>")
    .action(async (name: string, options: JsonOption) => {
      const params = { path: { name } };
      const found = await ok(cli.api().GET("/api/v1/competitions/{name}/scoring", { params }));
      show(cli, options, found, describe);
    });
}

function describe({ queued, running, wait }: Backlog): string {
  if (queued + running === 0 && wait === null) return "Nothing is being scored.";
  const waiting = wait === null ? "" : `\n${describeWait(wait)}`;
  return `${queued} wait for their turn at Podium's scorer, your program looks at ${running}.${waiting}`;
}
