import { type MetricSpec, metricSpecSchema } from "@podium/shared";
import { type Column, cellsOf } from "../../tables/cells.ts";
import { planOf } from "../index.ts";
import type { Cells } from "../plan.ts";

type Values = readonly (number | string)[];
export interface Table {
  readonly labels: Readonly<Record<string, Values>>;
  readonly predictions: Readonly<Record<string, Values>>;
}

/** Rows as a scorer has them once two files were joined; the target is `y`. */
export function cellsFrom(table: Table): Cells {
  const columns = new Map<Values, Column>();
  const find = (wanted: Parameters<Cells["numbers"]>[0]): Column => {
    const name = wanted.names.find((one) => table[wanted.file][one]);
    const values = table[wanted.file][name ?? ""];
    if (!values) throw new Error(`No column ${wanted.names} in ${wanted.file}.`);
    const known = columns.get(values) ?? columnOf(values);
    columns.set(values, known);
    return known;
  };
  return cellsOf(table.labels["y"]?.length ?? Object.values(table.labels)[0]?.length ?? 0, find);
}

function columnOf(values: Values): Column {
  const texts = values.map(String);
  const dictionary = [...new Set(texts.map((text) => text.trim()))].sort();
  const codes = Uint32Array.from(texts, (text) => dictionary.indexOf(text.trim()));
  return { numbers: Float64Array.from(values, Number), texts, labels: { codes, texts: dictionary } };
}

const ROUND = { targetField: "y", predictionField: "prediction" };

export function planFor(metric: object) {
  return planOf(metricSpecSchema.parse(metric) as MetricSpec, ROUND);
}

export function scoreOf(metric: object, table: Table): number {
  return planFor(metric).score(cellsFrom(table));
}
