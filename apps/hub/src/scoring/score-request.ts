import { type MetricSpec, metricNameSchema, metricSpecSchema, scoreSplitSchema } from "@podium/shared";
import { z } from "zod";

const GIBIBYTE = 1024 ** 3;

/** What one scoring may use. Labels are the organizer's: `maxBytes` bounds the predictions alone, unpacked. */
const scoreLimitsSchema = z.object({
  memoryBytes: z
    .number()
    .int()
    .min(64 * 1024 ** 2)
    .default(GIBIBYTE),
  threads: z.number().int().min(1).max(64).default(2),
  maxBytes: z.number().int().positive().default(GIBIBYTE),
});

/** A column of the leaderboard. */
const scoreColumnSchema = z
  .object({
    key: z.string().min(1).max(100),
    metric: metricNameSchema,
    options: z.record(z.string(), z.unknown()).default({}),
  })
  .transform(({ key, metric, options }, context): { key: string; spec: MetricSpec } => {
    const spec = metricSpecSchema.safeParse({ ...options, name: metric });
    if (spec.success) return { key, spec: spec.data };
    for (const { path, message } of spec.error.issues) {
      context.addIssue({ code: "custom", path: ["options", ...path], message });
    }
    return z.NEVER;
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
    columns: z.array(scoreColumnSchema).min(1).max(20),
    split: scoreSplitSchema.optional(),
    rowValuesPath: z
      .string()
      .min(1)
      .optional()
      .describe("Where to write per-row values of the decomposable metrics, as npy; see row-values.ts"),
    fingerprint: z.boolean().default(false).describe("Digest and sketch of the predictions"),
    limits: scoreLimitsSchema.prefault({}),
  })
  .refine(
    ({ idField, targetField, predictionField }) => idField !== targetField && idField !== predictionField,
    { message: "must differ from the target and the prediction", path: ["idField"] },
  )
  .refine(({ columns }) => new Set(columns.map(({ key }) => key)).size === columns.length, {
    message: "two columns have the same key",
    path: ["columns"],
  });

export type ScoreRequest = z.input<typeof scoreRequestSchema>;
export type ParsedScoreRequest = z.output<typeof scoreRequestSchema>;

/** Scores by the columns' keys, and the rows that they were computed from. */
const scoresSchema = z.object({
  scores: z.record(z.string(), z.number()),
  rows: z.number().int(),
});

export const scoreResultSchema = scoresSchema.extend({
  /** With a split: the scores of the public rows alone, and of the private ones. */
  public: scoresSchema.optional(),
  private: scoresSchema.optional(),
  /** Names of the columns of the file at `rowValuesPath`. */
  rowValues: z.array(z.string()).optional(),
  fingerprint: z
    .object({
      /** Equal for predictions that mean the same, in whatever order, format and spelling. */
      digest: z.string(),
      /** For `sketchSimilarity`. */
      sketch: z.string(),
    })
    .optional(),
});
export type Scores = z.infer<typeof scoresSchema>;
export type ScoreResult = z.infer<typeof scoreResultSchema>;
