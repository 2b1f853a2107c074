import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { allPages, ok } from "../client.ts";
import { leaf, show } from "../command.ts";
import { table } from "../output.ts";
import { personalTeam } from "../personal-team.ts";
import { formatCredits, formatTime, parseCount } from "../quantities.ts";

interface Options {
  team?: string;
  number: number;
  json?: boolean;
}

export function ledgerCommand(cli: Cli): Command {
  return leaf("ledger", "show what a team was given and what it paid for, newest first")
    .option("--team <team>", "default: your personal team")
    .option("-n, --number <number>", "at most so many entries", parseCount, 100)
    .action(async (options: Options) => {
      const slug = options.team ?? (await personalTeam(cli));
      const page = (query: { limit: number; after?: string }) =>
        ok(cli.api().GET("/api/v1/teams/{slug}/ledger", { params: { path: { slug }, query } }));
      show(cli, options, await allPages(page, options.number), (rows) =>
        table(
          rows,
          [
            { title: "WHEN", value: (row) => formatTime(row.created_at) },
            { title: "KIND", value: (row) => row.kind },
            { title: "ACCOUNT", value: (row) => row.account },
            { title: "CREDITS", value: (row) => formatCredits(row.amount), right: true },
            { title: "FOR", value: (row) => row.memo || "–" },
          ],
          "Nothing has been booked yet.",
        ),
      );
    });
}
