import { z } from "zod";
import { metricNameSchema } from "./metrics.ts";

/** A name that appears in addresses: lower-case letters, digits and hyphens. */
export const slugSchema = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$/, "must be 1–64 lower-case letters, digits or hyphens")
  .describe("Lower-case letters, digits and hyphens");

const relativePath = z
  .string()
  .min(1)
  .refine((path) => !path.startsWith("/") && !path.split("/").includes(".."), {
    message: "must be a path inside the bundle's folder",
  });

/** How long a thing may last, as people write it: `30s`, `10m`, `2h`. */
export const durationSchema = z
  .string()
  .regex(/^\d+(ms|s|m|h|d)$/, "must be a number and a unit: 30s, 10m, 2h, 1d");

const metricSchema = z
  .strictObject({
    name: metricNameSchema,
    positive_label: z
      .string()
      .optional()
      .describe("f1_binary: the label that counts as positive (default 1)"),
  })
  .describe("How submissions are scored");

export const survivorRuleSchema = z
  .union(
    [
      z.strictObject({
        share: z.number().gt(0).max(1).describe("Best part of the scored entrants, rounded up"),
      }),
      z.strictObject({ top: z.number().int().positive() }),
      z.strictObject({ all: z.literal(true) }),
    ],
    { error: "must be {share: 0.5}, {top: 3} or {all: true}" },
  )
  .describe("Who enters the next round; entrants tied with the last survivor survive too");

export const roundDefinitionSchema = z
  .strictObject({
    name: slugSchema,
    title: z.string().max(200).optional(),
    train: relativePath.describe(
      "Folder given to entrants as dataset COMPETITION-ROUND when the round opens",
    ),
    inputs: relativePath.describe(
      "Folder with one CSV or JSONL file of hidden test inputs; only `infer` sessions see it",
    ),
    labels: relativePath.describe("CSV or JSONL file of hidden labels; only the scorer sees it"),
    id_field: z.string().default("id"),
    target_field: z.string().describe("Column of the labels file that is predicted"),
    opens_at: z.iso
      .datetime({ offset: true })
      .optional()
      .describe("Omitted: opens when the round before it closes"),
    closes_at: z.iso
      .datetime({ offset: true })
      .optional()
      .describe("Omitted: the organizer closes it by hand"),
    survivors: survivorRuleSchema.default({ all: true }),
    limits: z
      .strictObject({
        per_day: z.number().int().positive().default(20),
        total: z.number().int().positive().default(1000),
        pending: z
          .number()
          .int()
          .positive()
          .default(5)
          .describe("Submissions of one entrant under way at once"),
        infer_timeout: durationSchema.default("10m"),
        memory_bytes: z
          .number()
          .int()
          .positive()
          .default(2 * 1024 ** 3),
      })
      .prefault({}),
  })
  .meta({ id: "RoundDefinition" });

/** `competition.yaml`, version 1. Published as JSON Schema for editors. */
export const competitionDefinitionSchema = z
  .strictObject({
    version: z.literal(1),
    name: slugSchema,
    title: z.string().min(1).max(200),
    description: z.string().max(20_000).default(""),
    metric: metricSchema,
    failed_submissions: z
      .strictObject({
        refund: z.boolean().default(true),
        per_day: z.number().int().nonnegative().default(5).describe("Failures a day that cost nothing"),
      })
      .prefault({}),
    rounds: z.array(roundDefinitionSchema).min(1).max(50),
  })
  .superRefine((definition, context) => {
    const seen = new Set<string>();
    definition.rounds.forEach((round, index) => {
      if (seen.has(round.name)) {
        context.addIssue({
          code: "custom",
          path: ["rounds", index, "name"],
          message: `"${round.name}" is used twice`,
        });
      }
      seen.add(round.name);
    });
  })
  .meta({ id: "CompetitionDefinition" });

export type CompetitionDefinition = z.infer<typeof competitionDefinitionSchema>;
export type RoundDefinition = z.infer<typeof roundDefinitionSchema>;
export type SurvivorRule = z.infer<typeof survivorRuleSchema>;

const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Milliseconds of a duration such as `10m`. */
export function durationMs(duration: string): number {
  const match = /^(\d+)(ms|s|m|h|d)$/.exec(duration);
  if (!match) throw new RangeError(`Not a duration: ${duration}`);
  return Number(match[1]) * UNIT_MS[match[2] as keyof typeof UNIT_MS];
}
