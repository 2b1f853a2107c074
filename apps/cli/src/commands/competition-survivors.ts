import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { ok } from "../client.ts";
import { type JsonOption, leaf, show } from "../command.ts";
import { table } from "../output.ts";
import { counted, formatNumber, formatTime, parseCount } from "../quantities.ts";
import type { Survivors } from "../types.ts";

interface RuleOptions extends JsonOption {
  top?: string;
  share?: string;
  score?: string;
  all?: boolean;
}
type ReasonOptions = JsonOption & { reason?: string };

/** What the organizer does when a round has ended: look, let on, take back, show. */
export function survivorCommands(cli: Cli): Command[] {
  return [survivors(cli), advance(cli), undo(cli), reveal(cli)];
}

function survivors(cli: Cli): Command {
  return leaf("survivors", "show who would enter the next round, by its rule or by another; changes nothing")
    .argument("<name>")
    .argument("<round>")
    .option("--top <number>", "as if so many survived")
    .option("--share <share>", "as if this part survived: 0.5")
    .option("--score <score>", "as if this score were just good enough")
    .option("--all", "as if everybody survived")
    .action(async (name: string, round: string, options: RuleOptions) => {
      const { top, share, score, all } = options;
      const query = { top, share, score, ...(all ? { all: "true" } : {}) } as object;
      const params = { path: { name, round }, query };
      const answer = await ok(
        cli.api().GET("/api/v1/competitions/{name}/rounds/{round}/survivors", { params }),
      );
      show(cli, options, answer, describe);
    });
}

/** As it stands in competition.yaml: `top 20`, `share 0.5`, `all`. */
const ruleText = (rule: Survivors["rule"]) =>
  Object.entries(rule)
    .map(([key, value]) => (value === true ? key : `${key} ${value}`))
    .join(", ");

function describe(found: Survivors): string {
  const { survivors_count: count, places, cut, first_out: out, ties } = found;
  const at = (row: { rank: number; entrant: string; score: number }) =>
    `${row.entrant} (rank ${row.rank}, ${formatNumber(row.score)})`;
  const lines = [
    `${found.competition}, ${found.round} (${found.state}): ${counted(count, "survivor")} by ${ruleText(found.rule)}`,
    table(
      found.survivors,
      [
        { title: "RANK", value: (row) => row.rank, right: true },
        { title: "ENTRANT", value: (row) => row.entrant },
        { title: "SCORE", value: (row) => formatNumber(row.score), right: true },
      ],
      "Nobody would survive.",
    ),
  ];
  if (count > found.survivors.length) lines.push(`… and ${count - found.survivors.length} more`);
  if (cut && out) lines.push(`The cut lies between ${at(cut)} and ${at(out)}.`);
  if (ties.length > 0)
    lines.push(
      `${counted(ties.length, "entrant")} ${ties.length === 1 ? "survives" : "survive"} by a tie with place ${places}.`,
    );
  if (found.unscored_count > 0)
    lines.push(`${counted(found.unscored_count, "entrant")} without a score would survive only \`all\`.`);
  if (found.under_way > 0)
    lines.push(`${counted(found.under_way, "submission")} still to be scored: this may change.`);
  if (found.advanced_at)
    lines.push(
      `They advanced ${formatTime(found.advanced_at)}. ${found.why_not_undoable ?? "podium competition undo takes it back."}`,
    );
  return lines.join("\n");
}

/** A command that does something to a round and may say why. */
function withReason(name: string, summary: string): Command {
  return leaf(name, summary)
    .argument("<name>")
    .argument("<round>")
    .option("--reason <text>", "goes into the contest's history");
}

const requestOf = (name: string, round: string, { reason }: ReasonOptions) => ({
  params: { path: { name, round } },
  body: reason === undefined ? {} : { reason },
});

function advance(cli: Cli): Command {
  return withReason("advance", "let the survivors of a closed round enter the next").action(
    async (name: string, round: string, options: ReasonOptions) => {
      const request = requestOf(name, round, options);
      const answer = await ok(cli.api().POST("/api/v1/competitions/{name}/rounds/{round}/advance", request));
      show(cli, options, answer, () => `The survivors of ${name} ${round} have entered the next round.`);
    },
  );
}

function undo(cli: Cli): Command {
  return withReason("undo", "take the advance from a round back, before the next one opens").action(
    async (name: string, round: string, options: ReasonOptions) => {
      const request = requestOf(name, round, options);
      const answer = await ok(
        cli.api().POST("/api/v1/competitions/{name}/rounds/{round}/advance/undo", request),
      );
      const text = `All entrants of ${name} ${round} are in it again. When it is right: podium competition advance`;
      show(cli, options, answer, () => text);
    },
  );
}

function reveal(cli: Cli): Command {
  return leaf("reveal", "show a closed round's final board to all, at once or from the last place up")
    .argument("<name>")
    .argument("<round>")
    .option("--until-rank <rank>", "from the last place up to this rank", parseCount)
    .action(async (name: string, round: string, options: JsonOption & { untilRank?: number }) => {
      const { untilRank } = options;
      const params = { path: { name, round } };
      const answer = await ok(
        cli.api().POST("/api/v1/competitions/{name}/rounds/{round}/reveal", {
          params,
          body: untilRank === undefined ? {} : { until_rank: untilRank },
        }),
      );
      const what = untilRank === undefined || untilRank <= 1 ? "whole" : `from rank ${untilRank} down`;
      show(cli, options, answer, () => `The final board of ${name} ${round} is shown to all: ${what}.`);
    });
}
