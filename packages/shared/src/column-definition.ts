import { z } from "zod";
import { METRICS, metricSpecSchema } from "./metrics.ts";
import { slugSchema } from "./slug.ts";

/** Key of the primary metric's column. */
export const PRIMARY_KEY = "score";

const orderSchema = z
  .enum(["ascending", "descending"])
  .describe("ascending: a smaller value is better; descending: a larger one is");

const METRIC_NAMES = [...Object.keys(METRICS), "custom", "computed"].join(", ");

/** What a column of the board holds: a built-in metric, a value that the organizer's scorer gives, or one from others. */
export const columnMetricSchema = z.discriminatedUnion(
  "name",
  [
    metricSpecSchema,
    z.strictObject({
      name: z.literal("custom"),
      value: z
        .string()
        .min(1)
        .max(200)
        .default("score")
        .describe("Name of the value in what the scorer writes"),
      order: orderSchema,
    }),
    z.strictObject({
      name: z.literal("computed"),
      compute: z.enum(["avg", "sum", "min", "max"]),
      of: z.array(slugSchema).min(1).max(20).describe("Keys of the columns that it is computed from"),
      order: orderSchema,
    }),
  ],
  {
    error: (issue) =>
      issue.code === "invalid_union" ? `must name one of the metrics: ${METRIC_NAMES}` : undefined,
  },
);

export const columnSchema = z.strictObject({
  key: slugSchema,
  title: z.string().min(1).max(100).optional(),
  metric: columnMetricSchema,
  precision: z.number().int().min(0).max(15).optional().describe("Digits shown after the decimal point"),
  hidden: z.boolean().default(false).describe("Seen by the organizer only"),
});

export type ColumnMetric = z.infer<typeof columnMetricSchema>;
export type Column = z.infer<typeof columnSchema>;
export type Order = z.infer<typeof orderSchema>;

/** Which way a column sorts. */
export function orderOf(metric: ColumnMetric): Order {
  return metric.name === "custom" || metric.name === "computed"
    ? metric.order
    : METRICS[metric.name].direction;
}

/** All columns of a board, the primary one first. */
export function columnsOf(definition: { metric: ColumnMetric; columns: readonly Column[] }): Column[] {
  return [{ key: PRIMARY_KEY, metric: definition.metric, hidden: false }, ...definition.columns];
}
