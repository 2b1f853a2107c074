import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { allPages, ok } from "../client.ts";
import { type JsonOption, leaf, show } from "../command.ts";
import { CliError, EXIT } from "../errors.ts";
import { printable, table } from "../output.ts";
import { formatTime } from "../quantities.ts";
import type { Finding } from "../types.ts";

interface JudgeOptions extends JsonOption {
  uphold?: boolean;
  dismiss?: boolean;
  reason?: string;
}

/** Evidence of unfair play: to read, and to judge. */
export function findingCommands(cli: Cli): Command[] {
  return [findings(cli), judge(cli)];
}

function findings(cli: Cli): Command {
  return leaf(
    "findings",
    "show what points at unfair play: equal or almost equal predictions, probing",
    "Only the organizer may. A finding is evidence, and excludes nobody.",
  )
    .argument("<name>")
    .action(async (name: string, options: JsonOption) => {
      const all = await allPages((query) =>
        ok(cli.api().GET("/api/v1/competitions/{name}/findings", { params: { path: { name }, query } })),
      );
      show(cli, options, all, (rows) =>
        table(
          rows,
          [
            { title: "ID", value: (row) => row.id },
            { title: "KIND", value: (row) => row.kind },
            { title: "ENTRANTS", value: entrantsOf },
            { title: "EVIDENCE", value: evidenceOf },
            { title: "FOUND", value: (row) => formatTime(row.found_at) },
            { title: "VERDICT", value: (row) => printable(verdictOf(row)) },
          ],
          "Nothing points at unfair play.",
        ),
      );
    });
}

function judge(cli: Cli): Command {
  return leaf("judge", "write down what you make of a finding, with your reason")
    .argument("<name>")
    .argument("<finding>", "its id")
    .option("--uphold", "it was unfair")
    .option("--dismiss", "it was not")
    .requiredOption("-r, --reason <text>", "for the contest's history")
    .action(async (name: string, id: string, { uphold, dismiss, reason, ...options }: JudgeOptions) => {
      if ((uphold === true) === (dismiss === true))
        throw new CliError("Say one: --uphold or --dismiss.", EXIT.usage);
      const judged = await ok(
        cli.api().POST("/api/v1/competitions/{name}/findings/{id}", {
          params: { path: { name, id } },
          body: { verdict: uphold ? "upheld" : "dismissed", reason: reason ?? "" },
        }),
      );
      show(cli, options, judged, (row) => `${row.id}: ${verdictOf(row)}. It excludes nobody.`);
    });
}

function entrantsOf({ evidence }: Finding): string {
  const { entrants } = evidence;
  return Array.isArray(entrants) ? entrants.join(", ") : "";
}

function evidenceOf({ kind, evidence }: Finding): string {
  if (kind === "probing")
    return `${evidence["small_steps"]} of ${evidence["steps"]} submissions almost the one before`;
  return kind === "duplicate"
    ? "the same predictions"
    : `about ${Math.round(Number(evidence["similarity"]) * 100)} % of the rows agree`;
}

const verdictOf = ({ verdict, reason }: Finding) => (verdict === null ? "" : `${verdict}: ${reason}`);
