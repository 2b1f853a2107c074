import { z } from "zod";
import { bundlePathSchema } from "./bundle-path.ts";
import { durationSchema } from "./duration.ts";
import { scoreSplitSchema } from "./metrics.ts";
import { slugSchema } from "./slug.ts";

export const survivorRuleSchema = z
  .union(
    [
      z.strictObject({
        share: z.number().gt(0).max(1).describe("Best part of the scored entrants, rounded up"),
      }),
      z.strictObject({ top: z.number().int().positive() }),
      z.strictObject({
        score: z.number().describe("The primary metric's value that is just good enough"),
      }),
      z.strictObject({ all: z.literal(true) }),
    ],
    { error: "must be {share: 0.5}, {top: 3}, {score: 0.8} or {all: true}" },
  )
  .describe("Who enters the next round; entrants tied with the last survivor survive too");

const limitsSchema = z.strictObject({
  per_day: z.number().int().positive().default(20),
  total: z.number().int().positive().default(1000),
  pending: z.number().int().positive().default(5).describe("Submissions of one entrant under way at once"),
  interval: durationSchema.optional().describe("Shortest time between two submissions of one entrant"),
  infer_timeout: durationSchema.default("10m"),
  memory_bytes: z
    .number()
    .int()
    .positive()
    .default(2 * 1024 ** 3),
  credits: z
    .number()
    .int()
    .positive()
    .optional()
    .describe("What the runs of one entrant's submissions may cost in this round, in credits"),
  file_bytes: z
    .number()
    .int()
    .positive()
    .default(1024 ** 3)
    .describe("Largest prediction file, decompressed"),
});

export const roundDefinitionSchema = z
  .strictObject({
    name: slugSchema,
    title: z.string().max(200).optional(),
    train: bundlePathSchema.describe(
      "Folder given to entrants as dataset COMPETITION-ROUND when the round opens",
    ),
    inputs: bundlePathSchema.describe(
      "Folder with the hidden test inputs, a CSV or JSONL file among them; only `infer` sessions see it",
    ),
    labels: bundlePathSchema.describe("File of hidden labels; only the scorer sees it"),
    sample: z
      .strictObject({ inputs: bundlePathSchema, labels: bundlePathSchema })
      .optional()
      .describe("A public sample of inputs and labels, for trial runs (`podium submit -t`)"),
    scorer_program: bundlePathSchema
      .optional()
      .describe("Folder with this round's own scoring program, in the place of `scorer.program`"),
    ingestion_program: bundlePathSchema
      .optional()
      .describe("Folder with this round's own ingestion program, in the place of `ingestion.program`"),
    id_field: z.string().min(1).default("id"),
    target_field: z.string().min(1).describe("Column of the labels file that is predicted"),
    accepts: z
      .array(z.enum(["checkpoint", "predictions", "code"]))
      .min(1)
      .default(["checkpoint", "predictions"])
      .describe("Kinds of submission that the round takes"),
    split: scoreSplitSchema
      .optional()
      .describe(
        "Omitted: all rows are public. The live board shows public scores, the final one private scores",
      ),
    opens_at: z.iso
      .datetime({ offset: true })
      .optional()
      .describe("Omitted: opens when the round before it closes"),
    closes_at: z.iso
      .datetime({ offset: true })
      .optional()
      .describe("Omitted: the organizer closes it by hand"),
    freeze: durationSchema
      .optional()
      .describe("How long before its closing time the board stops moving, until it is revealed"),
    survivors: survivorRuleSchema.default({ all: true }),
    limits: limitsSchema.prefault({}),
  })
  .meta({ id: "RoundDefinition" });

export type RoundDefinition = z.infer<typeof roundDefinitionSchema>;
export type SurvivorRule = z.infer<typeof survivorRuleSchema>;
