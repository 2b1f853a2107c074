import type { MetricSpec } from "@podium/shared";
import type { Cells, ColumnKind, WantedColumn } from "./plan.ts";

/** The round's names of columns, which a metric's own options overrule. */
export interface RoundColumns {
  readonly targetField: string;
  readonly predictionField: string;
}

export const labelsColumn = (name: string, kind: ColumnKind): WantedColumn => ({
  file: "labels",
  names: [name],
  kind,
});

export const predictionsColumn = (names: readonly string[], kind: ColumnKind): WantedColumn => ({
  file: "predictions",
  names,
  kind,
});

export function targetOf(spec: MetricSpec, round: RoundColumns, kind: ColumnKind): WantedColumn {
  return labelsColumn(spec.target_field ?? round.targetField, kind);
}

export function predictionOf(spec: MetricSpec, round: RoundColumns, kind: ColumnKind): WantedColumn {
  const target = spec.target_field ?? round.targetField;
  if (spec.prediction_field !== undefined) return predictionsColumn([spec.prediction_field], kind);
  // A target of its own is looked for by its own name first: `prediction` is the round's target.
  const names =
    spec.target_field === undefined ? [round.predictionField, target] : [target, round.predictionField];
  return predictionsColumn(names, kind);
}

export function weightOf(spec: MetricSpec): WantedColumn | undefined {
  return spec.weight_field === undefined ? undefined : labelsColumn(spec.weight_field, "weight");
}

export const present = (columns: readonly (WantedColumn | undefined)[]): WantedColumn[] =>
  columns.filter((column) => column !== undefined);

export function weightsIn(cells: Cells, weight: WantedColumn | undefined): Float64Array | null {
  return weight ? cells.numbers(weight) : null;
}
