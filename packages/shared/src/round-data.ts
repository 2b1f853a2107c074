import { z } from "zod";
import { sha256Schema } from "./data.ts";
import { slugSchema } from "./slug.ts";

/** The trees of one round. Labels that are one file are a tree of that file alone. */
export const roundDataSchema = z
  .strictObject({
    round: slugSchema,
    train: sha256Schema,
    inputs: sha256Schema,
    labels: sha256Schema,
    sample: z.strictObject({ inputs: sha256Schema, labels: sha256Schema }).optional(),
    scorer: sha256Schema.optional().describe("The organizer's own scoring program"),
    ingestion: sha256Schema.optional().describe("The program that runs submissions of kind `code`"),
  })
  .meta({ id: "RoundData" });
export type RoundData = z.infer<typeof roundDataSchema>;
