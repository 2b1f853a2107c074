import { z } from "zod";
import { idSchema } from "./ids.ts";
import { progressSchema } from "./sessions.ts";
import { slugSchema } from "./slug.ts";

const instant = z.iso.datetime({ offset: true });
const DAY_MS = 86_400_000;

/** Every row of a dataset's version is predicted by a session of the team, and kept as a version of another dataset. */
export const startBatchInferenceSchema = z.strictObject({
  dataset: z.string().min(1).max(200).describe("name, team/name or team/name@version"),
  output: slugSchema.describe("Dataset of the endpoint's team whose next version the predictions become"),
  version: z
    .number()
    .int()
    .positive()
    .max(1_000_000)
    .optional()
    .describe(
      "Of the endpoint; left out: the one with the most traffic, else the newest that has not failed",
    ),
  timeout_ms: z
    .number()
    .int()
    .min(1_000)
    .max(30 * DAY_MS)
    .default(DAY_MS)
    .describe("How long the session may run"),
});
export type StartBatchInference = z.infer<typeof startBatchInferenceSchema>;

export const BATCH_INFERENCE_STATES = ["running", "done", "failed"] as const;
export const batchInferenceSchema = z
  .object({
    id: idSchema("batchInference"),
    version: z.number().int().describe("Of the endpoint"),
    model: z.string(),
    dataset: z.string().describe("team/name@version"),
    output: z.string().describe("Dataset of the endpoint's team, as it was called at the start"),
    output_version: z.number().int().nullable().describe("Null: not made, yet or ever"),
    state: z.enum(BATCH_INFERENCE_STATES),
    session_id: idSchema("session").describe("Its session: logs and progress are there"),
    progress: progressSchema.nullable().describe("Null: its session has not begun"),
    failure: z.string().nullable(),
    created_at: instant,
    ended_at: instant.nullable(),
  })
  .meta({ id: "BatchInference" });
export type BatchInference = z.infer<typeof batchInferenceSchema>;
