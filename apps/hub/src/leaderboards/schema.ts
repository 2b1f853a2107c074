import {
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
    /** null until the round has closed */
    survives: boolean("survives"),
  },
  (t) => [
    primaryKey({ columns: [t.roundId, t.board, t.entrantId] }),
    index("leaderboard_order").on(t.roundId, t.board, t.sortKeys, t.bestAt, t.entrantId),
  ],
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
