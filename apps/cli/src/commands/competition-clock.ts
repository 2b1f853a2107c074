import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { ok } from "../client.ts";
import { leaf, show } from "../command.ts";
import { CliError, EXIT } from "../errors.ts";
import { formatTime } from "../quantities.ts";
import { asBody } from "../types.ts";

interface Options {
  reason?: string;
  json?: boolean;
}

const ofRound = (command: Command) =>
  command.argument("<name>").argument("<round>").option("-r, --reason <text>", "for the contest's history");

export function pauseRoundCommand(cli: Cli): Command {
  return ofRound(
    leaf(
      "pause",
      "pause a round: nothing is accepted, and its clock stands",
      "Only the organizer may. What was submitted before is still scored.",
    ),
  ).action(async (name: string, round: string, options: Options) => {
    const paused = await ok(
      cli.api().POST("/api/v1/competitions/{name}/rounds/{round}/pause", {
        params: { path: { name, round } },
        body: asBody({ reason: options.reason }),
      }),
    );
    show(
      cli,
      options,
      paused,
      () => `${name} ${round} is paused. Let it go on: podium competition resume ${name} ${round}`,
    );
  });
}

export function resumeRoundCommand(cli: Cli): Command {
  return ofRound(
    leaf("resume", "let a paused round go on; it closes later by as long as it was paused"),
  ).action(async (name: string, round: string, options: Options) => {
    const resumed = await ok(
      cli.api().POST("/api/v1/competitions/{name}/rounds/{round}/resume", {
        params: { path: { name, round } },
        body: asBody({ reason: options.reason }),
      }),
    );
    show(cli, options, resumed, ({ closes_at }) => `${name} ${round} is open${until(closes_at)}.`);
  });
}

export function extendRoundCommand(cli: Cli): Command {
  return ofRound(leaf("extend", "set a later closing time of a round that has not closed"))
    .argument("<time>", "such as 2026-07-01T12:00:00+02:00: with its offset")
    .action(async (name: string, round: string, closesAt: string, options: Options) => {
      if (Number.isNaN(Date.parse(closesAt)))
        throw new CliError(`"${closesAt}" is no time. Say it as 2026-07-01T12:00:00+02:00.`, EXIT.usage);
      const extended = await ok(
        cli.api().POST("/api/v1/competitions/{name}/rounds/{round}/extend", {
          params: { path: { name, round } },
          body: asBody({ closes_at: closesAt, reason: options.reason }),
        }),
      );
      show(cli, options, extended, ({ closes_at }) => `${name} ${round} is open${until(closes_at)}.`);
    });
}

const until = (closesAt: string | null) => (closesAt === null ? "" : ` until ${formatTime(closesAt)}`);
