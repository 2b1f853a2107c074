import { z } from "zod";
import { whyWaitingSchema } from "./sessions.ts";

const instant = z.iso.datetime({ offset: true });
const { rule, nodes } = whyWaitingSchema.shape;

/** What scorings by an organizer's own program wait for: all of a contest have the same needs, so one speaks for all. */
export const scoringWaitSchema = z
  .object({
    waiting: z.number().int().describe("Scorings that no node has taken yet"),
    since: instant.describe("Since when the first of them waits; of a rejudging: since it moved last"),
    gives_up_at: instant.describe("When it is given up, if no node has taken it until then"),
    session: z
      .string()
      .nullable()
      .describe("The first of them, for `podium why`; null: none could be queued"),
    starts_at: instant.nullable().describe("When the first could start; null: that can't be said"),
    rule,
    nodes,
  })
  .meta({ id: "ScoringWait" });
export type ScoringWait = z.infer<typeof scoringWaitSchema>;

/** Of the live submissions of a contest, trial runs included, those that are being scored. */
export const scoringBacklogSchema = z
  .object({
    queued: z.number().int().describe("They wait for their turn at Podium's scorer, or are at it"),
    running: z.number().int().describe("The organizer's program looks at them on a node"),
    wait: scoringWaitSchema.nullable().describe("Of those that wait for a node; null: none does"),
  })
  .meta({ id: "ScoringBacklog" });
export type ScoringBacklog = z.infer<typeof scoringBacklogSchema>;
