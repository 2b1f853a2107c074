import { columnsOf, METRICS, type MetricSpec, type RoundDefinition } from "@podium/shared";
import type { Row, Table } from "./read-table.ts";
import { type Problem, type Scoring, told } from "./round-problem.ts";

/** What a column of the labels must hold for a metric. */
interface Wanted {
  column: string;
  /** The option that names it; null: the round's target. */
  option: string | null;
  /** Says what is wrong with a cell; null when nothing is. */
  judge(value: unknown): string | null;
}

/** Whether the labels have what every metric of the board reads, each problem at the metric's own place. */
export function checkMetricFields(labels: Table, round: RoundDefinition, scoring: Scoring): Problem[] {
  const found = new Map<string, Problem>();
  for (const [index, { metric }] of columnsOf(scoring).entries()) {
    if (metric.name === "custom" || metric.name === "computed") continue;
    const place = index === 0 ? ["metric"] : ["columns", index - 1, "metric"];
    for (const problem of checkMetric(labels, round, metric, place))
      if (!found.has(problem.message)) found.set(problem.message, problem);
  }
  return [...found.values()];
}

function checkMetric(
  labels: Table,
  round: RoundDefinition,
  metric: MetricSpec,
  place: (string | number)[],
): Problem[] {
  return wantedBy(metric, round).flatMap(({ column, option, judge }): Problem[] => {
    const at = option === null ? {} : { path: [...place, option] };
    if (!labels.columns.includes(column)) {
      const message = `${round.labels} has no column "${column}"; it has: ${labels.columns.join(", ")}`;
      return [{ field: "labels", message, ...at }];
    }
    const wrong = allWrong(labels.rows, column, judge).map((text) => `${round.labels}: ${text}`);
    return told(round.labels, wrong).map((message) => ({ field: "labels", message, ...at }));
  });
}

function allWrong(rows: readonly Row[], column: string, judge: Wanted["judge"]): string[] {
  return rows.flatMap(({ line, values }) => {
    const wrong = judge(values[column]);
    return wrong === null ? [] : [`line ${line}: "${column}" ${wrong}`];
  });
}

function wantedBy(metric: MetricSpec, round: RoundDefinition): Wanted[] {
  const { values } = METRICS[metric.name];
  const judge = (value: unknown) => {
    if (values === "text") return null;
    if (isEmpty(value)) return "separator" in metric && metric.name !== "top_k" ? null : "is empty";
    if (values === "number" && !Number.isFinite(Number(value)))
      return `is "${value}", and ${metric.name} takes numbers`;
    if ("classes" in metric && metric.classes && !metric.classes.includes(String(value)))
      return `is "${value}", which is none of the classes`;
    return null;
  };
  const several = "target_fields" in metric ? metric.target_fields : undefined;
  const wanted: Wanted[] = several
    ? several.map((column) => ({ column, option: "target_fields", judge }))
    : [
        {
          column: metric.target_field ?? round.target_field,
          option: metric.target_field ? "target_field" : null,
          judge,
        },
      ];
  if (metric.weight_field)
    wanted.push({ column: metric.weight_field, option: "weight_field", judge: isWeight });
  if ("scale_field" in metric && metric.scale_field)
    wanted.push({ column: metric.scale_field, option: "scale_field", judge: isScale });
  if ("source_field" in metric)
    wanted.push({ column: metric.source_field, option: "source_field", judge: () => null });
  return wanted;
}

const isEmpty = (value: unknown) => value === undefined || value === null || value === "";
const isWeight = (value: unknown) =>
  !isEmpty(value) && Number(value) >= 0 && Number.isFinite(Number(value))
    ? null
    : `is "${value ?? ""}": a weight is a number from 0 on`;
const isScale = (value: unknown) =>
  !isEmpty(value) && Number(value) > 0 && Number.isFinite(Number(value))
    ? null
    : `is "${value ?? ""}": a scale is a number above 0`;
