import { z } from "zod";
import { sha256Schema } from "./data.ts";
import { idSchema } from "./ids.ts";
import { scoringWaitSchema } from "./scoring-waits.ts";
import { slugSchema } from "./slug.ts";

const instant = z.iso.datetime({ offset: true });

export const startRejudgingSchema = z
  .strictObject({
    reason: z.string().min(1).max(2000).describe("Why, for the contest's history"),
    labels: sha256Schema.optional().describe("Tree with other labels; default: the round's own"),
    scorer: sha256Schema.optional().describe("Tree of another scoring program; default: the round's own"),
  })
  .meta({ id: "StartRejudging" });

const placeSchema = z.object({ rank: z.number().int().positive(), score: z.number() }).nullable();

export const rejudgingSchema = z
  .object({
    id: idSchema("rejudging"),
    competition: slugSchema,
    round: slugSchema,
    state: z.enum(["scoring", "ready", "applied", "cancelled"]),
    applying: z.boolean().describe("It is applied as soon as the last submission has its score"),
    reason: z.string(),
    pending: z.number().int().describe("Submissions that are still to be scored"),
    scored: z.number().int(),
    failed: z.number().int().describe("Submissions that have no score by the new rules"),
    wait: scoringWaitSchema
      .nullable()
      .describe(
        "What it waits for, while no node takes the organizer's scorer; null: it is being worked on, or over",
      ),
    created_at: instant,
    ended_at: instant.nullable(),
  })
  .meta({ id: "Rejudging" });
export type Rejudging = z.infer<typeof rejudgingSchema>;

export const rejudgingDetailsSchema = rejudgingSchema
  .extend({
    changed: z.number().int().describe("How many places on boards would change"),
    changes: z
      .array(
        z.object({
          entrant: slugSchema,
          board: z.enum(["public", "private"]),
          before: placeSchema,
          after: placeSchema,
        }),
      )
      .describe("The first thousand of them, by rank; of what is over: none"),
  })
  .meta({ id: "RejudgingDetails" });
