import { existsSync, readdirSync } from "node:fs";
import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { allPages, ok } from "../client.ts";
import { type JsonOption, leaf, show } from "../command.ts";
import { CliError } from "../errors.ts";
import { table } from "../output.ts";
import { counted, formatNumber } from "../quantities.ts";
import { type RecomputedRound, recomputeResults } from "../recompute-results.ts";
import { type ExportedContest, writeBoard, writeContest, writeSubmissions } from "../results-folder.ts";

/** A contest's results as files, and what they give when they are worked out again. */
export function resultCommands(cli: Cli): Command[] {
  return [exportResults(cli), recompute(cli)];
}

function exportResults(cli: Cli): Command {
  return leaf(
    "export-results",
    "write all that a contest's ranks follow from into a folder: rules, entrants, submissions, boards",
    "The organizer gets all rounds; everybody else those that are revealed. Then: podium competition recompute FOLDER",
  )
    .argument("<name>")
    .argument("<folder>", "a new or an empty folder")
    .action(async (name: string, folder: string, options: JsonOption) => {
      if (existsSync(folder) && readdirSync(folder).length > 0)
        throw new CliError(
          `${folder} is not empty. Name a new folder, so that no file of an older export stays.`,
        );
      const path = { name };
      const found = await ok(cli.api().GET("/api/v1/competitions/{name}/results", { params: { path } }));
      const readable = found.rounds.filter((round) => round.readable && round.state !== "upcoming");
      if (readable.length === 0)
        throw new CliError(
          `No round of ${name} can be exported yet: only its organizer may before it is revealed.`,
        );
      const entrants = await allPages((query) =>
        ok(cli.api().GET("/api/v1/competitions/{name}/entrants", { params: { path, query } })),
      );
      writeContest(folder, {
        format: "podium-results-1",
        competition: found.competition,
        definition: found.definition as ExportedContest["definition"],
        rounds: readable as unknown as ExportedContest["rounds"],
        entrants: entrants.map(({ id, team, state }) => ({ id, team, state })),
      });
      let submissions = 0;
      for (const { round } of readable) submissions += await exportRound(cli, name, round, folder);
      const value = { folder, rounds: readable.map(({ round }) => round), submissions };
      show(
        cli,
        options,
        value,
        () =>
          `${folder}: ${counted(submissions, "submission")} of ${value.rounds.join(", ")}. Recompute the ranks: podium competition recompute ${folder}`,
      );
    });
}

async function exportRound(cli: Cli, name: string, round: string, folder: string): Promise<number> {
  const path = { name, round };
  const all = await allPages((query) =>
    ok(cli.api().GET("/api/v1/competitions/{name}/rounds/{round}/results", { params: { path, query } })),
  );
  writeSubmissions(folder, round, all);
  for (const board of ["public", "private"] as const) {
    const rows = await allPages(async (page) => {
      const params = { path, query: { ...page, board } };
      const answer = await ok(
        cli.api().GET("/api/v1/competitions/{name}/rounds/{round}/leaderboard", { params }),
      );
      return { items: answer.rows, next: answer.next };
    });
    writeBoard(folder, round, board, rows);
  }
  return all.length;
}

function recompute(cli: Cli): Command {
  return leaf(
    "recompute",
    "work the ranks and survivors of exported results out of their submissions alone, and compare",
    "Asks no hub. Ends with 1 when a board says something else.",
  )
    .argument("<folder>", "made by podium competition export-results")
    .action((folder: string, options: JsonOption) => {
      const rounds = recomputeResults(folder);
      show(cli, options, rounds, (all) => all.map(describe).join("\n\n"));
      const wrong = rounds.reduce((sum, { differences }) => sum + differences.length, 0);
      if (wrong > 0)
        throw new CliError(`${counted(wrong, "difference")}: the boards are not what the submissions give.`);
    });
}

function describe({ round, submissions, ranks, differences, notes }: RecomputedRound): string {
  const head = `${round}: ${counted(submissions, "submission")} that can count, ${differences.length === 0 ? "every board as exported" : "NOT as exported"}`;
  const board = table(
    ranks,
    [
      { title: "RANK", value: (row) => row.rank, right: true },
      { title: "ENTRANT", value: (row) => row.entrant },
      { title: "SCORE", value: (row) => formatNumber(row.score), right: true },
      { title: "GOES ON", value: (row) => (row.survives ? "yes" : "no") },
    ],
    "Nobody is on the final board.",
  );
  return [head, board, ...notes, ...differences].join("\n");
}
