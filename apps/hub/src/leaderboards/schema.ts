import { boolean, doublePrecision, index, integer, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { entrants, rounds, submissions } from "../competitions/schema.ts";
import { instant } from "../platform/schema.ts";

/** Each entrant's best of a round. Derived: recomputing it from submissions and scores gives the same (invariant 8). */
export const leaderboardRows = pgTable(
  "leaderboard_rows",
  {
    roundId: text("round_id")
      .notNull()
      .references(() => rounds.id),
    entrantId: text("entrant_id")
      .notNull()
      .references(() => entrants.id),
    score: doublePrecision("score").notNull(),
    submissions: integer("submissions").notNull(),
    bestSubmissionId: text("best_submission_id")
      .notNull()
      .references(() => submissions.id),
    bestAt: instant("best_at").notNull(),
    /** null until the round has closed */
    survives: boolean("survives"),
  },
  (t) => [
    primaryKey({ columns: [t.roundId, t.entrantId] }),
    index("leaderboard_ascending").on(t.roundId, t.score, t.bestAt, t.entrantId),
  ],
);
