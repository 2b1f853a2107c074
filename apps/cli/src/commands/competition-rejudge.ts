import type { components } from "@podium/shared/generated/api";
import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { ok } from "../client.ts";
import { type JsonOption, leaf, show } from "../command.ts";
import { describeWait } from "../describe-wait.ts";
import { table } from "../output.ts";
import { push } from "../push.ts";
import { formatNumber, formatTime } from "../quantities.ts";

type Rejudging = components["schemas"]["Rejudging"];
type Details = components["schemas"]["RejudgingDetails"];
type Place = Details["changes"][number]["before"];

interface Options {
  reason: string;
  labels?: string;
  scorer?: string;
  team?: string;
  json?: boolean;
}

const PATH = "/api/v1/competitions/{name}/rounds/{round}/rejudgings";
const ONE = "/api/v1/competitions/{name}/rejudgings/{id}";

/** The commands by which an organizer scores a round again. */
export function rejudgeCommands(cli: Cli): Command[] {
  return [start(cli), list(cli), showOne(cli), end(cli, "apply"), end(cli, "cancel")];
}

function start(cli: Cli): Command {
  return leaf(
    "rejudge",
    "score a round's submissions again, aside; nothing changes until you apply it",
    "With other labels, another scoring program, or after the contest's columns were edited.",
  )
    .argument("<name>")
    .argument("<round>")
    .requiredOption("--reason <text>", "why, for the contest's history")
    .option("--labels <file>", "the new labels")
    .option("--scorer <folder>", "the new scoring program")
    .option("--team <team>", "the team that organizes the contest (default: your personal team)")
    .action(async (name: string, round: string, options: Options) => {
      const { reason, labels, scorer, team } = options;
      const treeOf = async (path: string) => (await push(cli, path, team)).tree_id;
      const body = {
        reason,
        ...(labels !== undefined && { labels: await treeOf(labels) }),
        ...(scorer !== undefined && { scorer: await treeOf(scorer) }),
      };
      const made = await ok(cli.api().POST(PATH, { params: { path: { name, round } }, body }));
      show(
        cli,
        options,
        made,
        ({ id, pending }) =>
          `${pending} submissions are scored again, aside. See what would change: podium competition rejudging ${name} ${id}`,
      );
    });
}

function list(cli: Cli): Command {
  return leaf("rejudgings", "list the rejudgings of a round")
    .argument("<name>")
    .argument("<round>")
    .action(async (name: string, round: string, options: JsonOption) => {
      const { items } = await ok(cli.api().GET(PATH, { params: { path: { name, round } } }));
      show(cli, options, items, (rows) =>
        table(
          rows,
          [
            { title: "ID", value: (row) => row.id },
            { title: "STARTED", value: (row) => formatTime(row.created_at) },
            { title: "STATE", value: (row) => `${stateOf(row)}${row.wait ? ", waits for a node" : ""}` },
            { title: "SCORED", value: (row) => `${row.scored + row.failed} of ${allOf(row)}`, right: true },
            { title: "REASON", value: (row) => row.reason },
          ],
          "This round has been scored once only.",
        ),
      );
    });
}

function showOne(cli: Cli): Command {
  return leaf("rejudging", "show how far a rejudging is, and whose score and rank it would change")
    .argument("<name>")
    .argument("<id>")
    .action(async (name: string, id: string, options: JsonOption) => {
      const found = await ok(cli.api().GET(ONE, { params: { path: { name, id: asId(id) } } }));
      show(cli, options, found, describe);
    });
}

function end(cli: Cli, verb: "apply" | "cancel"): Command {
  const what =
    verb === "apply"
      ? "make a rejudging's scores the ones that count; boards follow"
      : "drop a rejudging: nothing changes";
  return leaf(`rejudge-${verb}`, what)
    .argument("<name>")
    .argument("<id>")
    .action(async (name: string, id: string, options: JsonOption) => {
      const params = { path: { name, id: asId(id) } };
      const ended =
        verb === "apply"
          ? await ok(cli.api().POST(`${ONE}/apply`, { params }))
          : await ok(cli.api().POST(`${ONE}/cancel`, { params }));
      show(cli, options, ended, (row) => `The rejudging is ${stateOf(row)}.`);
    });
}

function describe(found: Details): string {
  const { round, reason, failed, changed, changes } = found;
  const head = `${round}: ${stateOf(found)}; ${found.scored + failed} of ${allOf(found)} scored, ${failed} without a score by the new rules\n${reason}${found.wait ? `\n${describeWait(found.wait)}` : ""}`;
  const places = table(
    changes,
    [
      { title: "BOARD", value: (row) => row.board },
      { title: "ENTRANT", value: (row) => row.entrant },
      { title: "RANK", value: (row) => `${rankOf(row.before)} → ${rankOf(row.after)}`, right: true },
      { title: "SCORE", value: (row) => `${scoreOf(row.before)} → ${scoreOf(row.after)}`, right: true },
    ],
    "No place changes.",
  );
  const more = changed > changes.length ? `\n… and ${changed - changes.length} more` : "";
  return `${head}\n\n${places}${more}`;
}

const stateOf = ({ state, applying }: Rejudging) =>
  applying ? "being applied: submissions that came in meanwhile are scored first" : state;
const allOf = ({ pending, scored, failed }: Rejudging) => pending + scored + failed;
const rankOf = (place: Place) => (place ? String(place.rank) : "–");
const scoreOf = (place: Place) => (place ? formatNumber(place.score) : "–");
/** Checked by the hub, which says what is wrong with it. */
const asId = (id: string) => id as `rej_${string}`;
