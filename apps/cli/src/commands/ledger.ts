import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { allPages, ok } from "../client.ts";
import { leaf, show } from "../command.ts";
import { table } from "../output.ts";
import { personalTeam } from "../personal-team.ts";
import { formatCredits, formatTime, parseCount } from "../quantities.ts";
import type { LedgerEntry } from "../types.ts";

interface Options {
  team?: string;
  number: number;
  all?: boolean;
  json?: boolean;
}

export function ledgerCommand(cli: Cli): Command {
  return leaf(
    "ledger",
    "show what a team was given and what it paid for, newest first",
    "What was reserved and given back is left out unless --all is given.",
  )
    .option("--team <team>", "default: your personal team")
    .option("-n, --number <number>", "at most so many entries", parseCount, 100)
    .option("--all", "every entry, with what was reserved and given back")
    .action(async (options: Options) => {
      const slug = options.team ?? (await personalTeam(cli));
      const page = (query: { limit: number; after?: string }) =>
        ok(cli.api().GET("/api/v1/teams/{slug}/ledger", { params: { path: { slug }, query } }));
      const entries = await allPages(page, options.number);
      show(cli, options, options.all ? entries : entries.filter(isPaid), (rows) =>
        table(
          rows,
          [
            { title: "WHEN", value: (row) => formatTime(row.created_at) },
            { title: "KIND", value: (row) => row.kind },
            ...(options.all ? [{ title: "ACCOUNT", value: (row: LedgerEntry) => row.account }] : []),
            { title: "CREDITS", value: (row) => formatCredits(row.amount), right: true },
            { title: "FOR", value: (row) => row.memo || "–" },
          ],
          "Nothing has been booked yet.",
        ),
      );
    });
}

/** True for what came in or was used up; a hold and its release only move credits aside and back. */
function isPaid({ kind }: LedgerEntry): boolean {
  return kind !== "hold" && kind !== "release";
}
