import {
  bigint,
  boolean,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
} from "drizzle-orm/pg-core";
import { competitions, entrants, rounds, submissions } from "../competitions/schema.ts";
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
    /** The live board is made from public rows, the final one from private rows and the submissions that count. */
    board: text("board").$type<"public" | "private">().notNull().default("public"),
    score: doublePrecision("score").notNull(),
    /** The other columns, by key. */
    columns: jsonb("columns").$type<Record<string, number>>().notNull().default({}),
    /** What is sorted by, smaller is better: the score, then the tie-breaks, each with its sign. */
    sortKeys: doublePrecision("sort_keys").array().notNull().default([]),
    submissions: integer("submissions").notNull(),
    bestSubmissionId: text("best_submission_id")
      .notNull()
      .references(() => submissions.id),
    bestAt: instant("best_at").notNull(),
    /** null until the round has closed and its survivors have advanced */
    survives: boolean("survives"),
    /** Rank interval (2.5 to 97.5 %) and chance of surviving, by paired bootstrap; null where none was computed. */
    rankLow: integer("rank_low"),
    rankHigh: integer("rank_high"),
    chance: doublePrecision("chance"),
    /** The board's version that this row is of: who has read version N asks for rows above N. */
    version: bigint("version", { mode: "number" }).notNull().default(0),
  },
  (t) => [
    primaryKey({ columns: [t.roundId, t.board, t.entrantId] }),
    index("leaderboard_changes").on(t.roundId, t.board, t.version),
    index("leaderboard_order").on(t.roundId, t.board, t.sortKeys, t.bestAt, t.entrantId),
  ],
);

/** Counts the changes of a round's boards, so that a hub that keeps them in memory knows what it has missed. */
export const boards = pgTable("boards", {
  roundId: text("round_id")
    .primaryKey()
    .references(() => rounds.id),
  version: bigint("version", { mode: "number" }).notNull(),
  /** The last version that took rows away or judged the past anew: a copy from before it is read anew. */
  resetAt: bigint("reset_at", { mode: "number" }).notNull().default(0),
});

/** What the Ladder showed after each submission; derived from the losses (docs/reference/leaderboards.md). */
export const ladderSteps = pgTable(
  "ladder_steps",
  {
    submissionId: text("submission_id")
      .primaryKey()
      .references(() => submissions.id),
    entrantId: text("entrant_id").notNull(),
    roundId: text("round_id").notNull(),
    /** The submission before it in the replay, and the losses that were read: another of either makes the step void. */
    previousId: text("previous_id"),
    lossesTree: text("losses_tree").notNull(),
    /** The submission whose score is shown from here on. */
    shownId: text("shown_id").notNull(),
  },
  (t) => [index("ladder_steps_of").on(t.roundId, t.entrantId)],
);

/** What points at somebody's unfair play, for a person to judge. */
export const findings = pgTable(
  "findings",
  {
    id: text("id").primaryKey(),
    competitionId: text("competition_id")
      .notNull()
      .references(() => competitions.id),
    roundId: text("round_id")
      .notNull()
      .references(() => rounds.id),
    kind: text("kind").$type<"duplicate" | "near_duplicate" | "probing">().notNull(),
    /** One finding for the same kind and the same parties. */
    subject: text("subject").notNull(),
    evidence: jsonb("evidence").$type<Record<string, unknown>>().notNull(),
    foundAt: instant("found_at").notNull(),
    verdict: text("verdict").$type<"dismissed" | "upheld">(),
    verdictReason: text("verdict_reason"),
    judgedBy: text("judged_by"),
    judgedAt: instant("judged_at"),
  },
  (t) => [uniqueIndex("findings_once").on(t.roundId, t.kind, t.subject)],
);
