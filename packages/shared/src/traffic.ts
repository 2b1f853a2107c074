import { z } from "zod";
import { idSchema } from "./ids.ts";
import { latencySketchSchema } from "./latency-sketch.ts";

const versionSchema = z.number().int().positive().max(1_000_000);
const instant = z.iso.datetime({ offset: true });
const percentSchema = z.number().min(0).max(100);

const sharesSchema = z
  .array(z.strictObject({ version: versionSchema, percent: percentSchema }))
  .min(1)
  .max(100)
  .refine((shares) => new Set(shares.map(({ version }) => version)).size === shares.length, {
    message: "names a version twice",
  })
  .refine((shares) => Math.abs(shares.reduce((sum, { percent }) => sum + percent, 0) - 100) < 0.01, {
    message: "must add up to 100; versions that are not named get nothing",
  });

/** All shares of an endpoint at once; what is left out stays as it is. */
export const setTrafficSchema = z
  .strictObject({
    shares: sharesSchema.optional(),
    keep_old_ms: z
      .number()
      .int()
      .min(0)
      .max(30 * 86_400_000)
      .optional()
      .describe("How long a version that lost its traffic is kept ready, for a rollback"),
  })
  .refine((set) => set.shares !== undefined || set.keep_old_ms !== undefined, {
    message: "Say shares, keep_old_ms or both.",
  });

/** `percent`: of the calls that name no version */
export const shareSchema = z.object({ version: z.number().int(), percent: z.number() });
export type Share = z.infer<typeof shareSchema>;

export const TRAFFIC_CAUSES = ["bound", "unbound", "set", "rolled back", "canary", "retired"] as const;
export const trafficChangeSchema = z
  .object({
    id: idSchema("trafficChange"),
    at: instant,
    actor: z.string().nullable().describe("Null: Podium itself, by a canary's rule or because time was up"),
    cause: z.enum(TRAFFIC_CAUSES),
    before: z.array(shareSchema),
    after: z.array(shareSchema),
    note: z.string().nullable(),
  })
  .meta({ id: "TrafficChange" });

export const setShadowSchema = z.strictObject({
  version: versionSchema,
  percent: percentSchema.describe("Share of the calls that it gets a copy of; 0: none any more"),
  tolerance: z
    .number()
    .min(0)
    .max(1)
    .default(0.001)
    .describe(
      "Numbers agree when they differ by no more than this, times the larger one where that is above 1",
    ),
});

const rules = {
  max_error_rate: z
    .number()
    .min(0)
    .max(1)
    .default(0.01)
    .describe("Share of failed calls; where the versions before have a higher one, theirs counts"),
  max_p99_ratio: z
    .number()
    .min(1)
    .max(1000)
    .nullable()
    .default(null)
    .describe("p99 of the latency, against that of the versions before; null: not judged"),
  min_calls: z.number().int().min(1).max(10_000_000).default(100).describe("Calls that a step is judged by"),
  shadow_calls: z
    .number()
    .int()
    .min(0)
    .max(10_000_000)
    .default(0)
    .describe("Answers to compare before the first step; 0: none"),
  min_agreement: percentSchema.max(1).default(0.99).describe("Share of compared answers that must agree"),
};

export const startRolloutSchema = z.strictObject({
  version: versionSchema,
  steps: z
    .array(percentSchema.gt(0))
    .min(1)
    .max(20)
    .refine((steps) => steps.every((step, index) => index === 0 || step > (steps[index - 1] ?? 0)), {
      message: "must grow from step to step",
    })
    .refine((steps) => steps.at(-1) === 100, { message: "must end with 100" })
    .default([5, 25, 50, 100]),
  every_ms: z
    .number()
    .int()
    .min(1_000)
    .max(7 * 86_400_000)
    .default(600_000)
    .describe("Least time of a step"),
  ...rules,
});

export const ROLLOUT_STATES = ["running", "paused", "promoted", "rolled_back", "aborted"] as const;
export const rolloutSchema = z
  .object({
    id: idSchema("rollout"),
    version: z.number().int(),
    state: z.enum(ROLLOUT_STATES),
    steps: z.array(z.number()),
    step: z
      .number()
      .int()
      .describe("Index of the present or last step; −1: it is compared as a shadow first"),
    step_since: instant,
    every_ms: z.number().int(),
    max_error_rate: z.number(),
    max_p99_ratio: z.number().nullable(),
    min_calls: z.number().int(),
    shadow_calls: z.number().int(),
    min_agreement: z.number(),
    before: z.array(shareSchema),
    waits_for: z.string().nullable().describe("What keeps it from the next step"),
    log: z.array(z.object({ at: instant, text: z.string() })).describe("What it did and why, oldest first"),
    created_at: instant,
    ended_at: instant.nullable(),
  })
  .meta({ id: "Rollout" });
export type Rollout = z.infer<typeof rolloutSchema>;

const count = z.number().int().nonnegative();
const MAX_WORST = 5;

/** Where two answers differed; no word of what they said. */
export const differenceSchema = z.object({
  at: instant,
  where: z.string().max(200).describe("Output, or path in the JSON answer"),
  difference: z.number().nullable().describe("Largest absolute difference; null: not of numbers"),
});

/** What became of a shadow's copies, counted by one run of a gateway; only grows. */
export const shadowFiguresSchema = z.object({
  compared: count,
  agreed: count,
  failed: count.describe("Of the compared: the shadow gave no answer where callers got one"),
  dropped: count.describe("Copies not made or not compared, for want of room or time"),
  numeric: count.describe("Of the compared: those whose numbers were compared"),
  max_difference: z.number().nonnegative(),
  sum_of_mean_differences: z.number().nonnegative(),
  worst: z.array(differenceSchema).max(MAX_WORST),
  latency: latencySketchSchema,
  primary_latency: latencySketchSchema.describe("Of the callers' own calls that were compared"),
});
export type ShadowFigures = z.infer<typeof shadowFiguresSchema>;

/** All that a gateway counted of its versions since it started. The hub keeps the newest of each run. */
export const versionReportSchema = z.object({
  gateway_id: z.string().regex(/^gtw_[0-9a-f]{32}$/),
  run_id: z
    .string()
    .regex(/^gtw_[0-9a-f]{32}$/)
    .describe("Another one after each start: counts begin at zero"),
  sequence: z.number().int().positive().describe("Grows within a run: an older report changes nothing"),
  versions: z
    .array(
      z.object({
        binding_id: idSchema("binding"),
        calls: count.describe("Calls that say something of the version: those refused as wrong are left out"),
        errors: count,
        latency: latencySketchSchema,
        shadow: shadowFiguresSchema.optional(),
      }),
    )
    .max(10_000),
});
export type VersionReport = z.infer<typeof versionReportSchema>;

const quantile = z.number().nullable().describe("Milliseconds");
export const versionFiguresSchema = z
  .object({
    version: z.number().int(),
    binding_id: idSchema("binding"),
    calls: count,
    errors: count,
    p50_ms: quantile,
    p99_ms: quantile,
    shadow: z
      .object({
        percent: z.number(),
        tolerance: z.number(),
        compared: count,
        agreed: count,
        failed: count,
        dropped: count,
        agreement: z.number().nullable().describe("Agreed of the compared"),
        max_difference: z.number().nullable(),
        mean_difference: z.number().nullable(),
        worst: z.array(differenceSchema),
        p50_ms: quantile,
        p99_ms: quantile,
        primary_p50_ms: quantile,
        primary_p99_ms: quantile,
      })
      .nullable()
      .describe("Null: it never was a shadow"),
  })
  .meta({ id: "VersionFigures" });
export type VersionFigures = z.infer<typeof versionFiguresSchema>;
