import { z } from "zod";

interface MetricKind {
  /** `ascending`: a smaller score is better (losses); `descending`: a larger one is. */
  readonly direction: "ascending" | "descending";
  /** What the target column holds: finite numbers, or labels compared as text. */
  readonly values: "number" | "label";
}

/** The metrics that a round can be scored by; their definitions are in the hub's `scoring/metrics.ts`. */
export const METRICS = {
  mse: { direction: "ascending", values: "number" },
  rmse: { direction: "ascending", values: "number" },
  mae: { direction: "ascending", values: "number" },
  accuracy: { direction: "descending", values: "label" },
  f1_binary: { direction: "descending", values: "label" },
  f1_macro: { direction: "descending", values: "label" },
  f1_micro: { direction: "descending", values: "label" },
  f1_weighted: { direction: "descending", values: "label" },
} as const satisfies Record<string, MetricKind>;

export type MetricName = keyof typeof METRICS;

export const metricNameSchema = z
  .enum(Object.keys(METRICS) as [MetricName, ...MetricName[]])
  .meta({ id: "MetricName", description: "How a round is scored" });
