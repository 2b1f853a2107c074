import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { allPages, ok } from "../client.ts";
import { group, type JsonOption, leaf, show } from "../command.ts";
import { describe } from "../describe-competition.ts";
import { table } from "../output.ts";
import { formatNumber, formatTime } from "../quantities.ts";
import { describeState } from "../watch-submission.ts";
import { memoCommand, selectCommand } from "./competition-choice.ts";
import { extendRoundCommand, pauseRoundCommand, resumeRoundCommand } from "./competition-clock.ts";
import { competitionConvertCommand } from "./competition-convert.ts";
import { competitionCreateCommand } from "./competition-create.ts";
import { competitionEditCommand } from "./competition-edit.ts";
import { banCommand, entrantsCommand, unbanCommand, withdrawCommand } from "./competition-entrants.ts";
import { competitionExportCommand } from "./competition-export.ts";
import { findingCommands } from "./competition-findings.ts";
import { competitionHistoryCommand } from "./competition-history.ts";
import { joinCommand, termsCommand } from "./competition-join.ts";
import { competitionLintCommand } from "./competition-lint.ts";
import { mergeCommand } from "./competition-merge.ts";
import { competitionRehearseCommand } from "./competition-rehearse.ts";
import { rejudgeCommands } from "./competition-rejudge.ts";
import { resultCommands } from "./competition-results.ts";
import { competitionScoringCommand } from "./competition-scoring.ts";
import { competitionStatsCommand } from "./competition-stats.ts";
import { survivorCommands } from "./competition-survivors.ts";
import { competitionVerifyCommand } from "./competition-verify.ts";

export function competitionCommand(cli: Cli): Command {
  return group("competition", "make, find, join and run competitions", [
    competitionCreateCommand(cli),
    competitionEditCommand(cli),
    competitionExportCommand(cli),
    competitionHistoryCommand(cli),
    competitionLintCommand(cli),
    competitionRehearseCommand(cli),
    competitionConvertCommand(cli),
    ls(cli),
    showOne(cli),
    termsCommand(cli),
    joinCommand(cli),
    entrantsCommand(cli),
    withdrawCommand(cli),
    mergeCommand(cli),
    banCommand(cli),
    unbanCommand(cli),
    submissions(cli),
    close(cli),
    pauseRoundCommand(cli),
    resumeRoundCommand(cli),
    extendRoundCommand(cli),
    selectCommand(cli),
    memoCommand(cli),
    ...survivorCommands(cli),
    competitionStatsCommand(cli),
    competitionScoringCommand(cli),
    ...rejudgeCommands(cli),
    competitionVerifyCommand(cli),
    ...resultCommands(cli),
    ...findingCommands(cli),
  ]);
}

function ls(cli: Cli): Command {
  return leaf("ls", "list the competitions").action(async (options: JsonOption) => {
    const all = await allPages((query) => ok(cli.api().GET("/api/v1/competitions", { params: { query } })));
    show(cli, options, all, (rows) =>
      table(
        rows,
        [
          { title: "NAME", value: (row) => row.name },
          { title: "TITLE", value: (row) => row.title },
          { title: "METRIC", value: (row) => row.metric },
          {
            title: "ROUNDS",
            value: (row) => row.rounds.map((round) => `${round.name}: ${round.state}`).join(", "),
          },
          { title: "ENTRANTS", value: (row) => row.entrants, right: true },
        ],
        "There are no competitions yet.",
      ),
    );
  });
}

function showOne(cli: Cli): Command {
  return leaf("show", "show a competition and its rounds")
    .argument("<name>")
    .action(async (name: string, options: JsonOption) => {
      const competition = await ok(
        cli.api().GET("/api/v1/competitions/{name}", { params: { path: { name } } }),
      );
      show(cli, options, competition, describe);
    });
}

function submissions(cli: Cli): Command {
  return leaf("submissions", "list your submissions to a competition (its organizer: all)")
    .argument("<name>")
    .action(async (name: string, options: JsonOption) => {
      const all = await allPages((query) =>
        ok(cli.api().GET("/api/v1/competitions/{name}/submissions", { params: { path: { name }, query } })),
      );
      show(cli, options, all, (rows) =>
        table(
          rows,
          [
            { title: "ROUND", value: (row) => row.round },
            { title: "ENTRANT", value: (row) => row.entrant },
            { title: "#", value: (row) => `${row.number}${row.selected ? "*" : ""}`, right: true },
            { title: "KIND", value: (row) => (row.trial ? `${row.kind}, trial` : row.kind) },
            { title: "SUBMITTED", value: (row) => formatTime(row.submitted_at) },
            {
              title: "STATE",
              value: (row) => (row.refunded ? `${row.state}, refunded` : describeState(row)),
            },
            {
              title: "SCORE",
              value: (row) => (row.score === null ? "–" : formatNumber(row.score)),
              right: true,
            },
            { title: "MEMO", value: (row) => row.memo },
            { title: "FAILURE", value: (row) => row.failure?.message },
          ],
          "No submissions yet. Make one: podium submit SESSION CHECKPOINT",
        ),
      );
    });
}

function close(cli: Cli): Command {
  return leaf(
    "close",
    "close a round; its survivors enter the next one",
    "Only the organizer may. Submissions under way are still scored.",
  )
    .argument("<name>")
    .argument("<round>")
    .action(async (name: string, roundName: string, options: JsonOption) => {
      const params = { path: { name, round: roundName } };
      const round = await ok(cli.api().POST("/api/v1/competitions/{name}/rounds/{round}/close", { params }));
      show(cli, options, round, ({ state }) => `${name} ${roundName} is ${state}.`);
    });
}
