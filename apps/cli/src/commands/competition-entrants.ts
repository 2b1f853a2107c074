import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { allPages, ok } from "../client.ts";
import { type JsonOption, leaf, show } from "../command.ts";
import { enteredTeam } from "../entered-team.ts";
import { CliError, EXIT } from "../errors.ts";
import { table } from "../output.ts";
import { ask } from "../prompt.ts";
import { formatTime } from "../quantities.ts";

export function entrantsCommand(cli: Cli): Command {
  return leaf("entrants", "list who takes part")
    .argument("<name>")
    .action(async (name: string, options: JsonOption) => {
      const all = await allPages((query) =>
        ok(cli.api().GET("/api/v1/competitions/{name}/entrants", { params: { path: { name }, query } })),
      );
      show(cli, options, all, (rows) =>
        table(
          rows,
          [
            { title: "TEAM", value: (row) => row.team },
            { title: "MEMBERS", value: (row) => row.members, right: true },
            { title: "ROUND", value: (row) => row.round, right: true },
            {
              title: "STATE",
              value: (row) => (row.merged_into ? `merged into ${row.merged_into}` : row.state),
            },
            { title: "TERMS", value: (row) => (row.agreed ? "agreed" : "to agree to again") },
            { title: "JOINED", value: (row) => formatTime(row.joined_at) },
          ],
          `Nobody takes part yet. Be the first: podium competition join ${name}`,
        ),
      );
    });
}

export function withdrawCommand(cli: Cli): Command {
  return leaf(
    "withdraw",
    "take your team out of a competition, for good",
    "What it has under way is stopped, and it leaves the boards. Its members can't take part with another team.",
  )
    .argument("<name>")
    .option("--team <team>", "which (default: the one of yours that takes part)")
    .option("-f, --force", "don't ask")
    .action(async (name: string, options: JsonOption & { team?: string; force?: boolean }) => {
      const team = options.team ?? (await enteredTeam(cli, name));
      if (!options.force) {
        const answer = await ask(`Take ${team} out of ${name} for good? [y/N]`, "--force");
        if (!/^y(es)?$/i.test(answer)) throw new CliError(`${team} still takes part.`, EXIT.stopped);
      }
      const params = { path: { name, team } };
      const path = "/api/v1/competitions/{name}/entrants/{team}/withdraw";
      const entrant = await ok(cli.api().POST(path, { params }));
      show(cli, options, entrant, () => `${team} has withdrawn from ${name}.`);
    });
}

export function banCommand(cli: Cli): Command {
  return leaf(
    "ban",
    "exclude an entrant, as the organizer",
    "What it has under way is stopped, and it leaves the boards. The reason is told to it and kept in the history.",
  )
    .argument("<name>")
    .argument("<team>")
    .requiredOption("-r, --reason <text>", "why")
    .action(async (name: string, team: string, options: JsonOption & { reason: string }) => {
      const path = "/api/v1/competitions/{name}/entrants/{team}/ban";
      const body = { reason: options.reason };
      const entrant = await ok(cli.api().POST(path, { params: { path: { name, team } }, body }));
      show(
        cli,
        options,
        entrant,
        () => `${team} is excluded. To undo that: podium competition unban ${name} ${team}`,
      );
    });
}

export function unbanCommand(cli: Cli): Command {
  return leaf("unban", "let an excluded entrant in again, as the organizer")
    .argument("<name>")
    .argument("<team>")
    .option("-r, --reason <text>", "why")
    .action(async (name: string, team: string, options: JsonOption & { reason?: string }) => {
      const path = "/api/v1/competitions/{name}/entrants/{team}/unban";
      const body = options.reason === undefined ? {} : { reason: options.reason };
      const entrant = await ok(cli.api().POST(path, { params: { path: { name, team } }, body }));
      show(cli, options, entrant, ({ state }) => `${team} is let in again: ${state}.`);
    });
}
