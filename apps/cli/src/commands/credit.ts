import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { ok } from "../client.ts";
import { leaf, show } from "../command.ts";
import { personalTeam } from "../personal-team.ts";
import { formatCredits } from "../quantities.ts";

export function creditCommand(cli: Cli): Command {
  return leaf(
    "credit",
    "show a team's credits",
    "1 GPU for 1 minute is 1 credit unless the prices say otherwise: podium admin prices",
  )
    .option("--team <team>", "default: your personal team")
    .action(async (options: { team?: string; json?: boolean }) => {
      const slug = options.team ?? (await personalTeam(cli));
      const balance = await ok(cli.api().GET("/api/v1/teams/{slug}/credits", { params: { path: { slug } } }));
      show(cli, options, balance, ({ team, available, held, spent }) =>
        [
          `${team}: ${formatCredits(available)} credits`,
          `reserved for running work: ${formatCredits(held)}`,
          `spent so far: ${formatCredits(spent)}`,
        ].join("\n"),
      );
    });
}
