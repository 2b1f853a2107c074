import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { ok } from "../client.ts";
import { type JsonOption, leaf, show } from "../command.ts";
import { table } from "../output.ts";
import type { CompetitionStatistics } from "../types.ts";

const DAYS = 14;

export function competitionStatsCommand(cli: Cli): Command {
  return leaf("stats", "count who takes part: by round, day and entrant", "Only the organizer may.")
    .argument("<name>")
    .action(async (name: string, options: JsonOption) => {
      const params = { path: { name } };
      const found = await ok(cli.api().GET("/api/v1/competitions/{name}/statistics", { params }));
      show(cli, options, found, describe);
    });
}

function describe({ competition, joined, rounds, days, heaviest }: CompetitionStatistics): string {
  const number = { right: true } as const;
  const byRound = table(
    rounds,
    [
      { title: "ROUND", value: (row) => row.round },
      { title: "USERS", value: (row) => row.users, ...number },
      { title: "ENTRANTS", value: (row) => row.entrants, ...number },
      { title: "MODELS", value: (row) => row.models, ...number },
      { title: "SCORED", value: (row) => row.scored, ...number },
      { title: "FAILED", value: (row) => row.failed, ...number },
      { title: "MEAN", value: (row) => row.mean.toFixed(1), ...number },
      { title: "MAXIMUM", value: (row) => row.maximum, ...number },
      { title: "UNDER 5", value: (row) => `${Math.round(row.share_under_5 * 100)} %`, ...number },
    ],
    "No rounds.",
  );
  const byDay = table(
    days.slice(-DAYS),
    [
      { title: "DAY (UTC)", value: (row) => row.day },
      { title: "ROUND", value: (row) => row.round },
      { title: "MODELS", value: (row) => row.models, ...number },
      { title: "ENTRANTS", value: (row) => row.entrants, ...number },
    ],
    "Nothing was submitted yet.",
  );
  const most = table(
    heaviest,
    [
      { title: "ENTRANT", value: (row) => row.entrant },
      { title: "MODELS", value: (row) => row.models, ...number },
      { title: "SCORED", value: (row) => row.scored, ...number },
    ],
    "Nobody submitted yet.",
  );
  return `${competition}: ${joined} joined\n\n${byRound}\n\n${byDay}\n\n${most}`;
}
