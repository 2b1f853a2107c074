import { z } from "zod";

const microcredits = z.number().int();

/** `summary.json`: what the demo did, for scripts to check. Amounts of the ledger are microcredits. */
export const summarySchema = z.strictObject({
  competition: z.string(),
  rounds: z
    .array(
      z.strictObject({
        name: z.string(),
        metric: z.string(),
        order: z.enum(["ascending", "descending"]),
        leaderboard: z
          .array(
            z.strictObject({
              rank: z.number().int().positive(),
              entrant: z.string(),
              score: z.number(),
              submissions: z.number().int().positive(),
            }),
          )
          .min(1),
        survivors: z.array(z.string()).min(1),
      }),
    )
    .min(1),
  failures: z.array(
    z.strictObject({
      entrant: z.string(),
      code: z.string().min(1),
      message: z.string().min(1),
      refunded: z.boolean(),
    }),
  ),
  inference: z.strictObject({
    endpoint: z.string(),
    status: z.number().int(),
    outputs: z.array(z.union([z.number(), z.string()])).min(1),
    matches_local: z.boolean(),
  }),
  ledger: z.strictObject({
    sum: microcredits,
    by_team: z.record(
      z.string(),
      z.strictObject({
        granted: microcredits,
        spent: microcredits,
        held: microcredits,
        available: microcredits,
      }),
    ),
  }),
  durations_ms: z.record(z.string(), z.number().nonnegative()),
});
export type Summary = z.infer<typeof summarySchema>;
