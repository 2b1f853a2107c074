import { z } from "zod";
import { commitmentSchema } from "./commitment.ts";
import { competitionDefinitionSchema } from "./competition-bundle.ts";
import { sha256Schema } from "./data.ts";
import { imageSchema } from "./environments.ts";
import { idSchema } from "./ids.ts";
import { roundDataSchema } from "./round-data.ts";
import { resourcesSchema } from "./sessions.ts";
import { slugSchema } from "./slug.ts";

const instant = z.iso.datetime({ offset: true });

/** A competition's definition and, per round, the trees that its folders were pushed as. */
export const createCompetitionSchema = z
  .strictObject({
    team: slugSchema.optional(),
    definition: competitionDefinitionSchema,
    data: z.array(roundDataSchema).max(50),
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
    paused_at: instant
      .nullable()
      .describe("While set, nothing is accepted; when it goes on, it closes later by as long"),
    accepts: z.array(z.enum(["checkpoint", "predictions", "code"])).describe("Kinds of submission"),
    sample: z.boolean().describe("Whether there is a public sample for trial runs"),
    split: z
      .object({
        share: z.number().nullable().describe("Share of the rows that is public; null: the labels say"),
      })
      .nullable()
      .describe("Whether the live board shows public rows alone; null: all rows are public"),
    per_day: z.number().int(),
    total: z.number().int(),
    commitment: z
      .string()
      .nullable()
      .describe("Hash over labels, scorer and a nonce, published when the round opened"),
    committed: commitmentSchema.nullable().describe("What it is over; null until the round is revealed"),
    labels_replaced: z
      .boolean()
      .nullable()
      .describe("Whether a rejudging has replaced labels or scorer since; null until the round is revealed"),
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
    columns: z
      .array(z.object({ key: z.string(), title: z.string(), order: z.enum(["ascending", "descending"]) }))
      .describe("Columns of the board beside the score, without those that the organizer alone sees"),
    tie_breaks: z
      .array(z.string())
      .describe("Keys of the columns that decide between equal scores, in order"),
    terms: z.boolean().describe("Whether there are terms to agree to"),
    selects: z
      .number()
      .int()
      .nullable()
      .describe("How many submissions of a round an entrant may choose to count in the end; null: none"),
    rounds: z.array(roundSchema),
    entrants: z.number().int(),
    version: z.number().int().positive().describe("Edition of the definition; edits name it in `If-Match`"),
    created_at: instant,
  })
  .meta({ id: "Competition" });
export type Competition = z.infer<typeof competitionSchema>;

const anySubmission = {
  team: slugSchema.optional(),
  trial: z
    .boolean()
    .optional()
    .describe("On the round's public sample: uses no try, is on no board, and its log is yours to read"),
  memo: z.string().max(2000).optional().describe("In your own words, for you and the organizer"),
};

/** A session's checkpoint (the platform runs its `infer`), a prediction file, or code, both pushed as trees. */
export const submitSchema = z
  .discriminatedUnion("kind", [
    z.strictObject({
      kind: z.literal("checkpoint"),
      ...anySubmission,
      session_id: idSchema("session"),
      checkpoint: z.string().min(1).max(200),
    }),
    z.strictObject({ kind: z.literal("predictions"), ...anySubmission, tree_id: sha256Schema }),
    z.strictObject({
      kind: z.literal("code"),
      ...anySubmission,
      tree_id: sha256Schema,
      entrypoint: z
        .string()
        .min(1)
        .max(500)
        .default("main.py")
        .describe("What runs over the inputs; in a round with an ingestion program that one runs instead"),
      image: imageSchema.optional().describe("Default: the `#nsml: IMAGE` line of the code"),
      resources: resourcesSchema.prefault({}).describe("Its memory is what the round gives"),
    }),
  ])
  .meta({ id: "Submit" });

export const submissionStateSchema = z.enum(["queued", "inferring", "scoring", "scored", "failed"]);

export const submissionFailureSchema = z
  .object({ code: z.string(), message: z.string().describe("What is wrong and what to fix") })
  .meta({ id: "SubmissionFailure" });

export const submissionQueueSchema = z
  .object({
    position: z.number().int().positive().describe("Among all that wait for the same, from 1"),
    waits_for: z
      .enum(["node", "scorer", "scorer_node"])
      .describe("A node to predict on; its turn to be scored; a node that runs the organizer's scorer"),
    starts_at: instant.nullable().describe("An estimate; null: nothing can be said, or a list was asked for"),
  })
  .meta({ id: "SubmissionQueue" });

export const submissionSchema = z
  .object({
    id: idSchema("submission"),
    competition: slugSchema,
    round: slugSchema,
    entrant: z.string(),
    number: z.number().int().describe("Counts the entrant's submissions of the round"),
    kind: z.enum(["checkpoint", "predictions", "code"]),
    trial: z.boolean().describe("On the public sample: on no board, and no try"),
    selected: z.boolean().describe("Chosen by its entrant to count in the end"),
    memo: z.string().nullable(),
    state: submissionStateSchema,
    queue: submissionQueueSchema
      .nullable()
      .describe("Its place while it waits for a node or for the scorer; null while it is worked on"),
    session: z
      .string()
      .nullable()
      .describe("Session that predicts, for those who may read its log: of a trial run its entrant"),
    score: z.number().nullable(),
    failure: submissionFailureSchema.nullable(),
    refunded: z.boolean().describe("True when a failure cost neither credit nor a try"),
    submitted_at: instant,
    ended_at: instant.nullable(),
  })
  .meta({ id: "Submission" });
export type Submission = z.infer<typeof submissionSchema>;

export const submissionMemoSchema = z.strictObject({ memo: z.string().max(2000) });

/** What a trial run predicted, as far as it is shown: the first lines of its file. */
export const submissionPreviewSchema = z
  .object({
    file: z.string().describe("Name of the prediction file"),
    lines: z.array(z.string()).describe("Empty where it is not text"),
  })
  .meta({ id: "SubmissionPreview" });

const why = z.string().max(2000).optional().describe("For the contest's history");
export const pauseRoundSchema = z.strictObject({ reason: why });
export const extendRoundSchema = z.strictObject({ closes_at: instant, reason: why });
