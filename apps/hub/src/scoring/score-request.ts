import { metricNameSchema } from "@podium/shared";
import { z } from "zod";

const GIBIBYTE = 1024 ** 3;

/** What one scoring may use. Labels are the organizer's: `maxBytes` bounds the predictions alone. */
const scoreLimitsSchema = z.object({
  memoryBytes: z
    .number()
    .int()
    .min(64 * 1024 ** 2)
    .default(GIBIBYTE),
  threads: z.number().int().min(1).max(64).default(2),
  maxBytes: z.number().int().positive().default(GIBIBYTE),
});

/** One predictions file against one labels file, joined by id. Paths are on this machine's disk. */
export const scoreRequestSchema = z
  .object({
    predictionsPath: z.string().min(1),
    labelsPath: z.string().min(1),
    idField: z.string().min(1).default("id"),
    targetField: z.string().min(1).describe("Column of the labels file"),
    predictionField: z
      .string()
      .min(1)
      .default("prediction")
      .describe("Column of the predictions file; targetField is accepted too"),
    metric: metricNameSchema,
    options: z.object({ positive_label: z.string().default("1") }).prefault({}),
    limits: scoreLimitsSchema.prefault({}),
  })
  .refine(
    ({ idField, targetField, predictionField }) => idField !== targetField && idField !== predictionField,
    {
      message: "must differ from the target and the prediction",
      path: ["idField"],
    },
  );

export type ScoreRequest = z.input<typeof scoreRequestSchema>;

export interface ScoreResult {
  score: number;
  /** Rows scored: as many as the labels file has. */
  rows: number;
}
