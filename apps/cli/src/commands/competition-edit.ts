import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { ok } from "../client.ts";
import { leaf, show } from "../command.ts";
import { readBundle } from "../competition-bundle.ts";
import { describeChanges } from "../describe-changes.ts";
import { pushRounds } from "../push-rounds.ts";

interface Options {
  dryRun?: boolean;
  reason?: string;
  version?: string;
  json?: boolean;
}

export function competitionEditCommand(cli: Cli): Command {
  return leaf(
    "edit",
    "change a competition to what a folder's competition.yaml says",
    "Before the first round opens all may change; afterwards texts, and what gives entrants more: longer, higher, later. Entrants see each change in `podium competition history`.",
  )
    .argument("<folder>", "as for create, or as export has written it")
    .option("-n, --dry-run", "check everything and show what would change")
    .option("--reason <text>", "shown to the entrants")
    .option("--version <n>", "edit only if the competition is at this version (default: the present one)")
    .action(async (folder: string, options: Options) => {
      const definition = readBundle(folder);
      const { name } = definition;
      const present = await ok(cli.api().GET("/api/v1/competitions/{name}", { params: { path: { name } } }));
      const data = await pushRounds(cli, folder, definition, present.organizer);
      const params = {
        path: { name },
        header: { "if-match": `"${options.version ?? present.version}"` },
        query: { dry_run: options.dryRun ? ("true" as const) : ("false" as const) },
      };
      const body = { definition, data, ...(options.reason ? { reason: options.reason } : {}) };
      const edited = await ok(cli.api().PUT("/api/v1/competitions/{name}", { params, body: body as never }));
      show(cli, options, edited, ({ version, changes }) => {
        if (changes.length === 0) return `${name} is that already (version ${version}).`;
        const done = options.dryRun
          ? `Nothing was changed (version ${version}). Without --dry-run this would be:`
          : `${name} is at version ${version}:`;
        return `${done}\n${describeChanges(changes)}`;
      });
    });
}
