import type { DefinitionChange } from "@podium/shared";
import { deedOf } from "@podium/shared/contest-deed";
import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { allPages, ok } from "../client.ts";
import { type JsonOption, leaf, show } from "../command.ts";
import { describeChanges } from "../describe-changes.ts";
import { printable } from "../output.ts";
import { formatTime } from "../quantities.ts";
import type { CompetitionChange } from "../types.ts";

export function competitionHistoryCommand(cli: Cli): Command {
  return leaf(
    "history",
    "show what its organizers did to a competition, newest first",
    "Entrants see what concerns them: edits of the rules, pauses, extensions. The organizer sees all, and who did it.",
  )
    .argument("<name>")
    .option("--limit <n>", "how many", "50")
    .action(async (name: string, options: JsonOption & { limit: string }) => {
      const path = { name };
      const all = await allPages(
        (query) => ok(cli.api().GET("/api/v1/competitions/{name}/changes", { params: { path, query } })),
        Math.max(1, Number(options.limit) || 50),
      );
      show(cli, options, all, (changes) =>
        changes.length === 0 ? "Nothing was changed so far." : changes.map(describe).join("\n"),
      );
    });
}

/** Of what has a value before and after both are shown, as of a change of the definition. */
function detailText(key: string, value: unknown): string {
  const isChange = typeof value === "object" && value !== null && ("before" in value || "after" in value);
  return isChange ? describeChanges([{ path: key, ...value }]) : `${key}: ${JSON.stringify(value)}`;
}

function describe(change: CompetitionChange): string {
  const { at, actor, reason, details } = change;
  const head = `${formatTime(at)}  ${deedOf(change, formatTime)}${actor === null ? "" : ` (by ${actor})`}`;
  const { changes, ...others } = details as { changes?: DefinitionChange[] };
  const lines = [
    ...(reason === null ? [] : [`reason: ${reason}`]),
    ...(changes?.length ? describeChanges(changes).split("\n") : []),
    ...Object.entries(others).map(([key, value]) => detailText(key, value)),
  ];
  return printable([head, ...lines.map((line) => `    ${line}`)].join("\n"));
}
