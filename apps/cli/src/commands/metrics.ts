import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { ok } from "../client.ts";
import { leaf, show } from "../command.ts";
import { type Column, table } from "../output.ts";
import { formatNumber } from "../quantities.ts";
import { findSession } from "../session-ref.ts";

export function metricsCommand(cli: Cli): Command {
  return leaf("metrics", "show what a session reported", "One line a reported value, oldest first.")
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

/** `a__b` means `a/b`: Python's keyword arguments can't have a slash. */
const shownName = (name: string) => name.replaceAll("__", "/");

/** All points, or those of one name, as it is shown or as the script wrote it. */
async function allPoints(cli: Cli, id: string, name: string | undefined) {
  const isAsked = (point: { name: string }) =>
    name === undefined || shownName(point.name) === shownName(name);
  const points = [];
  for (let after = 0; ; ) {
    const query = { after_seq: after };
    const page = await ok(
      cli.api().GET("/api/v1/sessions/{id}/metrics", { params: { path: { id }, query } }),
    );
    points.push(...page.items.filter(isAsked));
    if (page.items.length === 0 || page.next_seq <= after) return points;
    after = page.next_seq;
  }
}
