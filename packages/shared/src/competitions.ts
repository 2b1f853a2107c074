import { z } from "zod";
import { competitionDefinitionSchema } from "./competition-bundle.ts";
import { sha256Schema } from "./data.ts";
import { idSchema } from "./ids.ts";
import { slugSchema } from "./slug.ts";

const instant = z.iso.datetime({ offset: true });

/** A competition's definition and, per round, the trees that its folders were pushed as. */
export const createCompetitionSchema = z
  .strictObject({
    team: slugSchema.optional(),
    definition: competitionDefinitionSchema,
    data: z.array(
      z.strictObject({ round: slugSchema, train: sha256Schema, inputs: sha256Schema, labels: sha256Schema }),
    ),
  })
  .meta({ id: "CreateCompetition" });

export const roundStateSchema = z.enum(["upcoming", "open", "closing", "closed"]);

export const roundSchema = z
  .object({
    id: idSchema("round"),
    number: z.number().int().positive(),
    name: slugSchema,
    title: z.string(),
    state: roundStateSchema,
    dataset: z.string().nullable().describe("team/name of the training data; null until the round opens"),
    opens_at: instant.nullable(),
    closes_at: instant.nullable(),
    opened_at: instant.nullable(),
    closed_at: instant.nullable(),
    per_day: z.number().int(),
    total: z.number().int(),
  })
  .meta({ id: "Round" });

export const competitionSchema = z
  .object({
    id: idSchema("competition"),
    name: slugSchema,
    title: z.string(),
    description: z.string(),
    organizer: z.string(),
    metric: z.string().describe("Name of the primary metric"),
    order: z.enum(["ascending", "descending"]),
    rounds: z.array(roundSchema),
    entrants: z.number().int(),
    created_at: instant,
  })
  .meta({ id: "Competition" });
export type Competition = z.infer<typeof competitionSchema>;

/** Two kinds: a session's checkpoint (the platform runs its `infer`), or a prediction file pushed as a tree. */
export const submitSchema = z
  .discriminatedUnion("kind", [
    z.strictObject({
      kind: z.literal("checkpoint"),
      team: slugSchema.optional(),
      session_id: idSchema("session"),
      checkpoint: z.string().min(1).max(200),
    }),
    z.strictObject({ kind: z.literal("predictions"), team: slugSchema.optional(), tree_id: sha256Schema }),
  ])
  .meta({ id: "Submit" });

export const submissionStateSchema = z.enum(["queued", "inferring", "scoring", "scored", "failed"]);

export const submissionFailureSchema = z
  .object({ code: z.string(), message: z.string().describe("What is wrong and what to fix") })
  .meta({ id: "SubmissionFailure" });

export const submissionSchema = z
  .object({
    id: idSchema("submission"),
    competition: slugSchema,
    round: slugSchema,
    entrant: z.string(),
    number: z.number().int().describe("Counts the entrant's submissions of the round"),
    kind: z.enum(["checkpoint", "predictions", "code"]),
    state: submissionStateSchema,
    score: z.number().nullable(),
    failure: submissionFailureSchema.nullable(),
    refunded: z.boolean().describe("True when a failure cost neither credit nor a try"),
    submitted_at: instant,
    ended_at: instant.nullable(),
  })
  .meta({ id: "Submission" });
export type Submission = z.infer<typeof submissionSchema>;

export const leaderboardRowSchema = z
  .object({
    rank: z.number().int().positive(),
    entrant: z.string(),
    score: z.number(),
    submissions: z.number().int().describe("Scored submissions in this round"),
    best_submission_id: idSchema("submission"),
    best_at: instant,
    survives: z.boolean().nullable().describe("Known once the round has closed"),
  })
  .meta({ id: "LeaderboardRow" });
export type LeaderboardRow = z.infer<typeof leaderboardRowSchema>;

export const leaderboardSchema = z
  .object({
    competition: slugSchema,
    round: slugSchema,
    state: roundStateSchema,
    metric: z.string().describe("Name of the primary metric"),
    order: z.enum(["ascending", "descending"]),
    rows: z.array(leaderboardRowSchema),
    next: z.string().nullable(),
  })
  .meta({ id: "Leaderboard" });
