import { z } from "zod";
import { idSchema } from "./ids.ts";
import { sessionFailureSchema } from "./sessions.ts";

const at = z.iso.datetime({ offset: true });

/** One placement of a session, and what of it has arrived. */
export const attemptSchema = z
  .object({
    id: idSchema("attempt"),
    number: z.number().int().describe("Counts the session's placements from 1"),
    rank: z.number().int().describe("Which member of its gang it was, from 0; 0 for ordinary sessions"),
    node: z.string(),
    state: z.enum(["placing", "preparing", "running", "stopping", "ended", "lost"]),
    created_at: at,
    started_at: at.nullable(),
    ended_at: at.nullable().describe("Of a lost one: when its node was last heard of"),
    exit_code: z.number().int().nullable(),
    was_ended: z
      .boolean()
      .nullable()
      .describe("It did not end by itself: it was told to; null: its node did not say"),
    failure: sessionFailureSchema.nullable(),
    records: z.number().int().describe("So many of its records are stored, from the first on without a gap"),
    recorded_until: at.nullable().describe("When the last line or metric of these was written"),
    complete: z.boolean().describe("All that it wrote is stored; never so of a lost one"),
  })
  .meta({ id: "Attempt" });
export type Attempt = z.infer<typeof attemptSchema>;
