import { z } from "zod";
import { roundStateSchema } from "./competitions.ts";
import { idSchema } from "./ids.ts";
import { survivorRuleSchema } from "./round-definition.ts";
import { slugSchema } from "./slug.ts";

const instant = z.iso.datetime({ offset: true });
const orderSchema = z.enum(["ascending", "descending"]);

export const boardNameSchema = z
  .enum(["public", "private"])
  .describe(
    "public: of public rows, live. private: the final board, of the submissions that count and private rows",
  );
export type BoardName = z.infer<typeof boardNameSchema>;

export const leaderboardRowSchema = z
  .object({
    rank: z
      .number()
      .int()
      .positive()
      .describe("Ties share a rank; the next one counts them all (1, 2, 2, 4)"),
    entrant: z.string(),
    score: z.number(),
    columns: z.record(z.string(), z.number()).describe("The other columns, by key"),
    submissions: z.number().int().describe("Scored submissions in this round"),
    best_submission_id: idSchema("submission").describe("The submission that counts"),
    best_at: instant,
    survives: z
      .boolean()
      .nullable()
      .describe("Known once the survivors have advanced and the board is shown"),
    interval: z
      .object({
        low: z.number().int(),
        high: z.number().int(),
        chance: z.number().nullable().describe("Chance of surviving, 0 to 1"),
      })
      .nullable()
      .describe("Ranks that 95 of 100 resamples of the rows give; null where none is computed"),
  })
  .meta({ id: "LeaderboardRow" });
export type LeaderboardRow = z.infer<typeof leaderboardRowSchema>;

export const boardColumnSchema = z
  .object({
    key: z.string(),
    title: z.string(),
    order: orderSchema,
    precision: z.number().int().nullable().describe("Digits shown after the decimal point"),
    hidden: z.boolean().describe("Only the organizer is shown it"),
  })
  .meta({ id: "BoardColumn" });

export const leaderboardSchema = z
  .object({
    competition: slugSchema,
    round: slugSchema,
    state: roundStateSchema,
    metric: z.string().describe("Name of the primary metric"),
    order: orderSchema,
    board: boardNameSchema,
    columns: z.array(boardColumnSchema).describe("Beside the score"),
    entrants: z.number().int().describe("Rows of the whole board"),
    frozen_at: instant
      .nullable()
      .describe("The public board stands still since then, for all but the organizer"),
    revealed_at: instant.nullable().describe("When the final board was shown to all"),
    revealed_rank: z
      .number()
      .int()
      .nullable()
      .describe("While it is revealed step by step: the final board is shown from this rank down"),
    at: instant.nullable().describe("For a past time: the board as it stood then"),
    rows: z.array(leaderboardRowSchema),
    own: z.array(leaderboardRowSchema).describe("Rows of your teams, wherever they stand"),
    next: z.string().nullable(),
  })
  .meta({ id: "Leaderboard" });
export type Leaderboard = z.infer<typeof leaderboardSchema>;

const standingSchema = z.object({ rank: z.number().int(), entrant: z.string(), score: z.number() });

export const survivorsSchema = z
  .object({
    competition: slugSchema,
    round: slugSchema,
    state: roundStateSchema,
    rule: survivorRuleSchema,
    places: z.number().int().describe("So many the rule lets on; more survive when they tie with the last"),
    cut: standingSchema.nullable().describe("The last survivor"),
    survivors: z.array(standingSchema).describe("Best first, at most 1,000 of them"),
    survivors_count: z.number().int(),
    ties: z.array(standingSchema).describe("Who survives only by a tie with the last place"),
    first_out: standingSchema.nullable(),
    eliminated_count: z.number().int(),
    unscored_count: z
      .number()
      .int()
      .describe("Active entrants without a final score: they survive only `all`"),
    under_way: z.number().int().describe("Submissions that are still to be scored: the board may change"),
    advanced_at: instant.nullable(),
    undoable: z.boolean(),
    why_not_undoable: z.string().nullable(),
  })
  .meta({ id: "Survivors" });

export const revealSchema = z
  .strictObject({
    until_rank: z
      .number()
      .int()
      .positive()
      .max(10_000_000)
      .optional()
      .describe("Show the final board from the last place up to this rank; omitted: all of it"),
  })
  .meta({ id: "Reveal" });

export const reasonSchema = z
  .strictObject({ reason: z.string().min(1).max(1000).optional() })
  .meta({ id: "Reason", description: "Goes into the contest's history" });

const trendSchema = z.object({
  id: idSchema("submission"),
  number: z.number().int(),
  kind: z.enum(["checkpoint", "predictions", "code"]),
  state: z.enum(["queued", "inferring", "scoring", "scored", "failed"]),
  trial: z.boolean(),
  selected: z.boolean(),
  submitted_at: instant,
  ended_at: instant.nullable(),
  score: z.number().nullable(),
  columns: z.record(z.string(), z.number()),
  best: z.number().nullable().describe("Best score so far"),
  rank: z.number().int().nullable().describe("Its rank on the public board right after it had been scored"),
});

export const entrantHistorySchema = z
  .object({
    entrant: z.string(),
    round: slugSchema,
    submissions: z.array(trendSchema).describe("In order of submission, the newest 1,000"),
  })
  .meta({ id: "EntrantHistory" });

const participationSchema = z.object({
  users: z.number().int().describe("People who submitted"),
  entrants: z.number().int().describe("Entrants that submitted"),
  models: z.number().int().describe("Submissions, trial runs left out"),
  scored: z.number().int(),
  failed: z.number().int(),
  mean: z.number().describe("Models of an entrant that submitted"),
  maximum: z.number().int().describe("Most models of one entrant"),
  share_under_5: z.number().describe("Share of the entrants that submitted with fewer than 5 models, 0 to 1"),
});

export const competitionStatisticsSchema = z
  .object({
    competition: slugSchema,
    joined: z.number().int().describe("Entrants in all"),
    rounds: z.array(participationSchema.extend({ round: slugSchema })),
    days: z
      .array(
        z.object({
          day: z.iso.date(),
          round: slugSchema,
          models: z.number().int(),
          entrants: z.number().int(),
        }),
      )
      .describe("Days in UTC on which something was submitted, the last 400"),
    heaviest: z
      .array(z.object({ entrant: z.string(), models: z.number().int(), scored: z.number().int() }))
      .describe("The 20 entrants with most models"),
  })
  .meta({ id: "CompetitionStatistics" });
