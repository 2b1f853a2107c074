import type { Command } from "commander";
import { drawLine, type Point } from "../braille.ts";
import type { Cli } from "../cli.ts";
import { type JsonOption, leaf, show } from "../command.ts";
import { CliError } from "../errors.ts";
import { allPoints, shownName } from "../metric-points.ts";
import { printable } from "../output.ts";
import { formatNumber } from "../quantities.ts";
import { findSession } from "../session-ref.ts";

const ROWS = 8;
const MARGIN = 12;
const MOST_COLUMNS = 120;
/** More are named, not drawn. */
const MOST_PLOTS = 12;

interface Options extends JsonOption {
  name?: string;
}

interface Series {
  name: string;
  points: Point[];
}

export function plotCommand(cli: Cli): Command {
  return leaf(
    "plot",
    "draw what a session reported, a plot for each metric",
    "Its page draws them too, to zoom into.",
  )
    .argument("<session>", "owner/dataset/N or id")
    .option("-n, --name <name>", "only this metric")
    .action(async (reference: string, options: Options) => {
      const { id, name } = await findSession(cli, reference);
      const series = seriesOf(await allPoints(cli, id, options.name));
      if (series.length === 0 && !options.json)
        throw new CliError(
          `${name} has reported nothing to draw${options.name === undefined ? "" : ` as "${options.name}"`}. A script reports with podium.report(step=…, loss=…).`,
        );
      const columns = Math.max(20, Math.min(MOST_COLUMNS, process.stdout.columns ?? 80) - MARGIN);
      show(cli, options, series, (all) => describe(all, columns));
    });
}

/** The finite values of each metric over their steps; where no step was given, over their order. */
function seriesOf(points: Awaited<ReturnType<typeof allPoints>>): Series[] {
  const byName = Map.groupBy(points, ({ name }) => shownName(name));
  return [...byName].flatMap(([name, values]) => {
    const drawn = values.flatMap(({ step, value }, index) =>
      value === null ? [] : [{ x: step ?? index, y: value }],
    );
    return drawn.length === 0 ? [] : [{ name, points: drawn }];
  });
}

function describe(series: readonly Series[], columns: number): string {
  const plots = series.slice(0, MOST_PLOTS).map((each) => plotOf(each, columns));
  const more = series.slice(MOST_PLOTS).map(({ name }) => printable(name));
  if (more.length > 0) plots.push(`And: ${more.join(", ")}. One of them: podium plot SESSION -n NAME`);
  return plots.join("\n\n");
}

function plotOf({ name, points }: Series, columns: number): string {
  const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)];
  const range = (values: readonly number[]) =>
    values.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)] as const, [
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
    ] as const);
  const [[left, right], [low, high]] = [range(xs), range(ys)];
  const lines = drawLine(points, { columns, rows: ROWS }).map((line, row) => {
    const label = row === 0 ? formatNumber(high) : row === ROWS - 1 ? formatNumber(low) : "";
    return `${label.slice(0, MARGIN - 2).padStart(MARGIN - 2)} ${line}`.trimEnd();
  });
  const [from, to] = [formatNumber(left), formatNumber(right)];
  const axis = `${" ".repeat(MARGIN - 1)}${from}${to.padStart(Math.max(1, columns - from.length))}`;
  const last = formatNumber(ys.at(-1) ?? null);
  return [`${printable(name)}  last ${last}`, ...lines, axis].join("\n");
}
