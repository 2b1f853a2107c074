import type { CompetitionDefinition, RoundDefinition } from "@podium/shared";
import { sql } from "drizzle-orm";
import {
  boolean,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgTable,
  text,
  uniqueIndex,
} from "drizzle-orm/pg-core";
import { datasets } from "../data/schema.ts";
import { instant } from "../platform/schema.ts";
import { sessions } from "../sessions/schema.ts";
import { teams } from "../teams/schema.ts";

export const competitions = pgTable("competitions", {
  id: text("id").primaryKey(),
  teamId: text("team_id")
    .notNull()
    .references(() => teams.id),
  name: text("name").notNull().unique(),
  definition: jsonb("definition").$type<CompetitionDefinition>().notNull(),
  createdBy: text("created_by"),
  createdAt: instant("created_at").notNull(),
});

export const rounds = pgTable(
  "rounds",
  {
    id: text("id").primaryKey(),
    competitionId: text("competition_id")
      .notNull()
      .references(() => competitions.id),
    number: integer("number").notNull(),
    name: text("name").notNull(),
    state: text("state").$type<"upcoming" | "open" | "closing" | "closed">().notNull(),
    definition: jsonb("definition").$type<RoundDefinition>().notNull(),
    datasetId: text("dataset_id")
      .notNull()
      .references(() => datasets.id),
    /** Hidden inputs: mounted by infer sessions only. */
    inputsTree: text("inputs_tree").notNull(),
    /** Invariant 5: read by the scorer only; part of no answer and of no assignment. */
    labelsTree: text("labels_tree").notNull(),
    opensAt: instant("opens_at"),
    closesAt: instant("closes_at"),
    openedAt: instant("opened_at"),
    closedAt: instant("closed_at"),
  },
  (t) => [
    uniqueIndex("rounds_number").on(t.competitionId, t.number),
    uniqueIndex("rounds_name").on(t.competitionId, t.name),
  ],
);

export const entrants = pgTable(
  "entrants",
  {
    id: text("id").primaryKey(),
    competitionId: text("competition_id")
      .notNull()
      .references(() => competitions.id),
    teamId: text("team_id")
      .notNull()
      .references(() => teams.id),
    state: text("state").$type<"active" | "eliminated" | "withdrawn">().notNull(),
    /** Number of the round that the entrant has reached. */
    round: integer("round").notNull(),
    joinedAt: instant("joined_at").notNull(),
  },
  (t) => [uniqueIndex("entrants_once").on(t.competitionId, t.teamId)],
);

export const submissions = pgTable(
  "submissions",
  {
    id: text("id").primaryKey(),
    competitionId: text("competition_id")
      .notNull()
      .references(() => competitions.id),
    roundId: text("round_id")
      .notNull()
      .references(() => rounds.id),
    entrantId: text("entrant_id")
      .notNull()
      .references(() => entrants.id),
    teamId: text("team_id")
      .notNull()
      .references(() => teams.id),
    number: integer("number").notNull(),
    kind: text("kind").$type<"checkpoint" | "predictions">().notNull(),
    state: text("state").$type<"queued" | "inferring" | "scoring" | "scored" | "failed">().notNull(),
    sessionId: text("session_id").references(() => sessions.id),
    checkpoint: jsonb("checkpoint").$type<{ name: string; tree_id: string }>(),
    inferSessionId: text("infer_session_id").references(() => sessions.id),
    predictionsTree: text("predictions_tree"),
    score: doublePrecision("score"),
    failure: jsonb("failure").$type<{ code: string; message: string }>(),
    refunded: boolean("refunded").notNull().default(false),
    /** The failure was the platform's: it uses up none of the entrant's free failures. */
    platformFault: boolean("platform_fault").notNull().default(false),
    submittedBy: text("submitted_by"),
    submittedAt: instant("submitted_at").notNull(),
    endedAt: instant("ended_at"),
  },
  (t) => [
    uniqueIndex("submissions_number").on(t.roundId, t.entrantId, t.number),
    index("submissions_entrant").on(t.entrantId, t.submittedAt),
    index("submissions_competition").on(t.competitionId, t.id),
    uniqueIndex("submissions_infer_session").on(t.inferSessionId),
    index("submissions_under_way").on(t.roundId).where(sql`${t.state} in ('queued', 'inferring', 'scoring')`),
  ],
);
