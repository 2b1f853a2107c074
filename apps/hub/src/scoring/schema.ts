import { sql } from "drizzle-orm";
import {
  doublePrecision,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
} from "drizzle-orm/pg-core";
import { competitions, rounds, submissions } from "../competitions/schema.ts";
import { instant } from "../platform/schema.ts";

/** A column's values by its key. `private` is missing in a round without a split. */
export type ScoredValues = Record<string, { public: number; private?: number }>;

/** Invariant 3: a submission is scored once per scorer version. */
export const scores = pgTable(
  "scores",
  {
    id: text("id").primaryKey(),
    submissionId: text("submission_id")
      .notNull()
      .references(() => submissions.id),
    scorerVersion: text("scorer_version").notNull(),
    /** Of the primary metric, over the public rows. */
    score: doublePrecision("score").notNull(),
    /** Every column's value over the public and, in a split round, the private rows. */
    values: jsonb("values").$type<ScoredValues>(),
    predictionsDigest: text("predictions_digest"),
    /** For finding near-duplicates; see `sketchSimilarity`. */
    sketch: text("sketch"),
    /** Tree with the rows' losses, little-endian float64 in the order of the labels' ids, a file per column. */
    lossesTree: text("losses_tree"),
    rows: integer("rows").notNull(),
    createdAt: instant("created_at").notNull(),
  },
  (t) => [uniqueIndex("scores_once").on(t.submissionId, t.scorerVersion)],
);

/** A round's submissions scored again, aside, until the organizer applies or cancels it. */
export const rejudgings = pgTable(
  "rejudgings",
  {
    id: text("id").primaryKey(),
    competitionId: text("competition_id")
      .notNull()
      .references(() => competitions.id),
    roundId: text("round_id")
      .notNull()
      .references(() => rounds.id),
    state: text("state").$type<"scoring" | "ready" | "applied" | "cancelled">().notNull(),
    reason: text("reason").notNull(),
    /** What it scores with; null: the round's own. */
    labelsTree: text("labels_tree"),
    scorerTree: text("scorer_tree"),
    /** The scores that it makes are those of this version. */
    scorerVersion: text("scorer_version").notNull(),
    /** What the round was scored with before it was applied. */
    previousLabelsTree: text("previous_labels_tree"),
    previousScorerTree: text("previous_scorer_tree"),
    /** It is applied as soon as nothing lacks its score. */
    applyRequestedAt: instant("apply_requested_at"),
    /** When one of its submissions was scored last; null: none was yet. */
    movedAt: instant("moved_at"),
    /** How often it was called for again since, because nothing moved. */
    calls: integer("calls").notNull().default(0),
    /** When it was called for last; null: it never stood still. */
    calledAt: instant("called_at"),
    /** What each node lacks for the organizer's scorer, where no session for it could be queued at all. */
    refusedBy: jsonb("refused_by").$type<{ node: string; reason: string }[]>(),
    createdBy: text("created_by"),
    createdAt: instant("created_at").notNull(),
    endedAt: instant("ended_at"),
  },
  (t) => [
    index("rejudgings_of").on(t.competitionId, t.id),
    uniqueIndex("rejudgings_one_at_a_time").on(t.roundId).where(sql`${t.state} in ('scoring', 'ready')`),
  ],
);

/** What a rejudging makes of each submission; its score is the one of the rejudging's version. */
export const rejudgedSubmissions = pgTable(
  "rejudged_submissions",
  {
    rejudgingId: text("rejudging_id")
      .notNull()
      .references(() => rejudgings.id),
    submissionId: text("submission_id")
      .notNull()
      .references(() => submissions.id),
    state: text("state").$type<"pending" | "scored" | "failed">().notNull(),
    failure: jsonb("failure").$type<{ code: string; message: string; platform: boolean }>(),
    /** The session that runs the organizer's scorer on it. */
    sessionId: text("session_id"),
  },
  (t) => [
    primaryKey({ columns: [t.rejudgingId, t.submissionId] }),
    index("rejudged_pending").on(t.rejudgingId).where(sql`${t.state} = 'pending'`),
  ],
);
