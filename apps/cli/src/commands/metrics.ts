import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { leaf, show } from "../command.ts";
import { allPoints, shownName } from "../metric-points.ts";
import { type Column, table } from "../output.ts";
import { formatNumber } from "../quantities.ts";
import { findSession } from "../session-ref.ts";

export function metricsCommand(cli: Cli): Command {
  return listing(cli, "metrics", "show what a session reported");
}

/** `podium events`, as NSML's users type it. */
export function eventsCommand(cli: Cli): Command {
  return listing(cli, "events", "the same as metrics");
}

function listing(cli: Cli, name: string, summary: string): Command {
  return leaf(name, summary, "One line a reported value, oldest first.")
    .argument("<session>", "owner/dataset/N or id")
    .option("-n, --name <name>", "only this metric")
    .action(async (reference: string, options: { name?: string; json?: boolean }) => {
      const { id, nodes } = await findSession(cli, reference);
      const points = await allPoints(cli, id, options.name);
      const rank: Column<(typeof points)[number]> = { title: "RANK", value: (row) => row.rank, right: true };
      show(cli, options, points, (rows) =>
        table(
          rows,
          [
            ...(nodes > 1 ? [rank] : []),
            { title: "STEP", value: (row) => row.step, right: true },
            { title: "NAME", value: (row) => shownName(row.name) },
            { title: "VALUE", value: (row) => formatNumber(row.value), right: true },
          ],
          "Nothing was reported. A script reports with podium.report(step=…, loss=…).",
        ),
      );
    });
}

export function eventlenCommand(cli: Cli): Command {
  return leaf("eventlen", "show how many values a session reported")
    .argument("<session>", "owner/dataset/N or id")
    .option("-n, --name <name>", "only of this metric")
    .action(async (reference: string, options: { name?: string; json?: boolean }) => {
      const { id } = await findSession(cli, reference);
      const { length } = await allPoints(cli, id, options.name);
      show(cli, options, { length }, () => String(length));
    });
}
