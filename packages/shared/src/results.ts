import { z } from "zod";
import { roundStateSchema, submissionFailureSchema, submissionStateSchema } from "./competitions.ts";
import { idSchema } from "./ids.ts";
import { slugSchema } from "./slug.ts";

const instant = z.iso.datetime({ offset: true });

/** What a contest's results are worked out by; with its rounds' submissions all that recomputing them takes. */
export const competitionResultsSchema = z
  .object({
    competition: slugSchema,
    definition: z.record(z.string(), z.unknown()).describe("CompetitionDefinition, as it is now"),
    rounds: z.array(
      z.object({
        round: slugSchema,
        definition: z.record(z.string(), z.unknown()).describe("RoundDefinition, as it was played"),
        state: roundStateSchema,
        closed_at: instant.nullable(),
        advanced_at: instant.nullable(),
        revealed_at: instant.nullable(),
        readable: z.boolean().describe("Whether you may read its submissions: revealed, or you organize it"),
      }),
    ),
  })
  .meta({ id: "CompetitionResults" });

const columns = z.record(z.string(), z.number());

export const resultSchema = z
  .object({
    id: idSchema("submission"),
    entrant: z.string(),
    number: z.number().int(),
    kind: z.enum(["checkpoint", "predictions", "code"]),
    state: submissionStateSchema,
    trial: z.boolean(),
    selected: z.boolean(),
    submitted_at: instant,
    ended_at: instant.nullable(),
    score: z.number().nullable(),
    columns: columns.nullable(),
    private_score: z.number().nullable(),
    private_columns: columns.nullable(),
    predictions_digest: z
      .string()
      .nullable()
      .describe("Names what the predictions say: equal ones are the same answers"),
    refunded: z.boolean().describe("It failed and cost no try"),
    failure: submissionFailureSchema.nullable().describe("For the organizer"),
    memo: z.string().nullable().describe("For the organizer"),
  })
  .meta({ id: "SubmissionResult" });
export type SubmissionResult = z.infer<typeof resultSchema>;
