import { z } from "zod";
import { idSchema } from "./ids.ts";
import { createSessionSchema } from "./sessions.ts";

const ordered = ([low, high]: [number, number]) => low < high && Number.isFinite(high - low);
const aboveZero = z.number().positive("must be above 0");
const ORDER = "must be [low, high], the smaller bound first";

/** What one argument is drawn from. `--lr` with `{log_uniform: [1e-4, 1e-1]}` becomes `--lr 0.0032…`. */
const spaceSchema = z.union(
  [
    z.strictObject({
      choice: z
        .array(z.union([z.string(), z.number()]))
        .min(1, "must have at least one value")
        .max(1000),
    }),
    z.strictObject({ uniform: z.tuple([z.number(), z.number()]).refine(ordered, ORDER) }),
    z.strictObject({
      log_uniform: z.tuple([aboveZero, aboveZero]).refine(ordered, ORDER),
    }),
  ],
  { error: "must be {choice: [a, b]}, {uniform: [low, high]} or {log_uniform: [low, high]}" },
);

export const createStudySchema = z
  .strictObject({
    session: createSessionSchema.describe("What every trial runs; the drawn arguments are appended"),
    space: z
      .record(z.string().regex(/^--?[a-zA-Z][\w-]*$/), spaceSchema, {
        error: ({ code }) => (code === "invalid_key" ? "must be an option such as --lr" : undefined),
      })
      .refine((space) => Object.keys(space).length > 0, "must name at least one option to draw"),
    objective: z.strictObject({
      metric: z.string().min(1).max(250),
      direction: z.enum(["minimize", "maximize"]),
    }),
    trials: z.number().int().min(1).max(1000),
    parallel: z.number().int().min(1).max(100).default(2),
    seed: z.number().int().nonnegative().default(0),
  })
  .meta({ id: "CreateStudy" });

export const trialSchema = z
  .object({
    id: idSchema("trial"),
    number: z.number().int().positive(),
    args: z.array(z.string()),
    session_id: idSchema("session").nullable(),
    state: z.enum(["waiting", "running", "succeeded", "failed"]),
    value: z.number().nullable().describe("Last reported value of the objective"),
  })
  .meta({ id: "Trial" });

export const studySchema = z
  .object({
    id: idSchema("study"),
    team: z.string(),
    state: z.enum(["running", "finished"]),
    objective: createStudySchema.shape.objective,
    // Not `.nullable()`: the generated contract would make every Trial nullable with it.
    best: z.union([trialSchema, z.null()]),
    trials: z.array(trialSchema),
    created_at: z.iso.datetime({ offset: true }),
  })
  .meta({ id: "Study" });
