import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { allPages, ok } from "../client.ts";
import { group, type JsonOption, leaf, show } from "../command.ts";
import { enteredTeam } from "../entered-team.ts";
import { table } from "../output.ts";
import { formatTime } from "../quantities.ts";

/** Two entrants become one: proposed by one, agreed to by the other. */
export function mergeCommand(cli: Cli): Command {
  return group("merge", "become one with another entrant", [
    propose(cli),
    ls(cli),
    accept(cli),
    refuse(cli),
    withdraw(cli),
  ]);
}

function propose(cli: Cli): Command {
  return leaf(
    "propose",
    "ask another entrant that your team becomes part of it",
    "Your members join its team, and your submissions become its own, once it has accepted.",
  )
    .argument("<name>", "the competition")
    .argument("<into>", "the other team")
    .option("--team <team>", "yours (default: the one of yours that takes part)")
    .action(async (name: string, into: string, options: JsonOption & { team?: string }) => {
      const body = { into, team: options.team ?? (await enteredTeam(cli, name)) };
      const params = { path: { name } };
      const merge = await ok(cli.api().POST("/api/v1/competitions/{name}/merges", { params, body }));
      show(
        cli,
        options,
        merge,
        ({ id }) => `${into} has to accept: podium competition merge accept ${name} ${id}`,
      );
    });
}

function ls(cli: Cli): Command {
  return leaf("ls", "list the merges of your teams (the organizer: all)")
    .argument("<name>", "the competition")
    .action(async (name: string, options: JsonOption) => {
      const all = await allPages((query) =>
        ok(cli.api().GET("/api/v1/competitions/{name}/merges", { params: { path: { name }, query } })),
      );
      show(cli, options, all, (rows) =>
        table(
          rows,
          [
            { title: "ID", value: (row) => row.id },
            { title: "FROM", value: (row) => row.from },
            { title: "INTO", value: (row) => row.into },
            { title: "STATE", value: (row) => row.state },
            { title: "PROPOSED", value: (row) => formatTime(row.proposed_at) },
          ],
          `Nothing was proposed. Propose it: podium competition merge propose ${name} TEAM`,
        ),
      );
    });
}

function accept(cli: Cli): Command {
  return leaf(
    "accept",
    "become one with the entrant that proposed it",
    "Its members join your team; where that is your personal team, a new one is made for all of you: name it with --as.",
  )
    .argument("<name>", "the competition")
    .argument("<id>")
    .option("--as <team>", "name of the new team")
    .action(async (name: string, id: string, options: JsonOption & { as?: string }) => {
      const path = "/api/v1/competitions/{name}/merges/{id}/accept";
      const body = options.as === undefined ? {} : { team: options.as };
      const merge = await ok(cli.api().POST(path, { params: { path: { name, id } }, body }));
      show(cli, options, merge, ({ from, into }) => `${from} is part of ${options.as ?? into} now.`);
    });
}

function refuse(cli: Cli): Command {
  return leaf("refuse", "say no to a merge that was proposed to you")
    .argument("<name>", "the competition")
    .argument("<id>")
    .action(async (name: string, id: string, options: JsonOption) => {
      const path = "/api/v1/competitions/{name}/merges/{id}/refuse";
      const merge = await ok(cli.api().POST(path, { params: { path: { name, id } } }));
      show(cli, options, merge, ({ from }) => `${from} is told no.`);
    });
}

function withdraw(cli: Cli): Command {
  return leaf("withdraw", "take back a merge that you have proposed")
    .argument("<name>", "the competition")
    .argument("<id>")
    .action(async (name: string, id: string, options: JsonOption) => {
      const path = "/api/v1/competitions/{name}/merges/{id}/withdraw";
      const merge = await ok(cli.api().POST(path, { params: { path: { name, id } } }));
      show(cli, options, merge, ({ into }) => `${into} can't accept it any more.`);
    });
}
