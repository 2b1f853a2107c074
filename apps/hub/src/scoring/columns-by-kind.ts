import {
  type ColumnMetric,
  type CompetitionDefinition,
  columnsOf,
  DomainError,
  type MetricSpec,
} from "@podium/shared";

type Computed = Extract<ColumnMetric, { name: "computed" }>;

/** A contest's columns by who works them out: the platform, the organizer's program, or other columns. */
export interface ColumnsByKind {
  readonly builtIn: { key: string; metric: MetricSpec }[];
  /** `value`: what the program calls it. */
  readonly custom: { key: string; value: string }[];
  readonly computed: { key: string; compute: Computed["compute"]; of: readonly string[] }[];
}

export function columnsByKind(definition: Pick<CompetitionDefinition, "metric" | "columns">): ColumnsByKind {
  const found: ColumnsByKind = { builtIn: [], custom: [], computed: [] };
  for (const { key, metric } of columnsOf(definition)) {
    if (metric.name === "custom") found.custom.push({ key, value: metric.value });
    else if (metric.name === "computed") found.computed.push({ key, compute: metric.compute, of: metric.of });
    else found.builtIn.push({ key, metric });
  }
  return found;
}

/**
 * Adds the columns that are computed from others.
 * @throws DomainError `invalid_predictions` when one becomes too large to be a number
 */
export function withComputed(
  values: Readonly<Record<string, number>>,
  computed: ColumnsByKind["computed"],
): Record<string, number> {
  const all: Record<string, number> = { ...values };
  for (const { key, compute, of } of computed) {
    const parts = of.map((name) => {
      const part = values[name];
      if (part === undefined)
        throw new Error(`Column "${key}" is computed from "${name}", which has no value.`);
      return part;
    });
    const value = COMPUTE[compute](parts);
    if (!Number.isFinite(value))
      throw new DomainError(
        "invalid_predictions",
        `The values of column "${key}" are too large to be added.`,
      );
    all[key] = value;
  }
  return all;
}

const sum = (parts: readonly number[]) => parts.reduce((total, part) => total + part, 0);
const COMPUTE: Record<Computed["compute"], (parts: readonly number[]) => number> = {
  sum,
  avg: (parts) => sum(parts) / parts.length,
  min: (parts) => Math.min(...parts),
  max: (parts) => Math.max(...parts),
};
