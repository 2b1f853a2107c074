import type { CompetitionDefinition, Resources, RoundDefinition } from "@podium/shared";
import { sql } from "drizzle-orm";
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
import { users } from "../accounts/schema.ts";
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
  /** Counts the definition's editions, from 1. */
  version: integer("version").notNull().default(1),
  /** A copy to try a contest on: seen by its organizers alone, and gone when it is over. */
  rehearsal: boolean("rehearsal").notNull().default(false),
  createdBy: text("created_by"),
  createdAt: instant("created_at").notNull(),
});

/** Every edition of a definition; the newest is the competition's own. */
export const competitionVersions = pgTable(
  "competition_versions",
  {
    competitionId: text("competition_id")
      .notNull()
      .references(() => competitions.id),
    version: integer("version").notNull(),
    definition: jsonb("definition").$type<CompetitionDefinition>().notNull(),
    changedBy: text("changed_by"),
    changedAt: instant("changed_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.competitionId, t.version] })],
);

/** What an organizer or an administrator did to a contest: written with the deed, never changed. */
export const competitionChanges = pgTable(
  "competition_changes",
  {
    id: text("id").primaryKey(),
    competitionId: text("competition_id")
      .notNull()
      .references(() => competitions.id),
    roundId: text("round_id"),
    entrantId: text("entrant_id"),
    /** A verb in the past: `edited`, `paused`, `extended`, `banned`, `advanced`, `rejudged`, `revealed` … */
    action: text("action").notNull(),
    /** In the organizer's words. */
    reason: text("reason"),
    details: jsonb("details").$type<Record<string, unknown>>().notNull(),
    actorId: text("actor_id"),
    at: instant("at").notNull(),
  },
  (t) => [index("competition_changes_of").on(t.competitionId, t.id)],
);

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
    /** Invariant 5: read by the scorer only; part of no assignment, and of no answer but the organizer's export. */
    labelsTree: text("labels_tree").notNull(),
    /** Public: for trial runs. */
    sampleInputsTree: text("sample_inputs_tree"),
    sampleLabelsTree: text("sample_labels_tree"),
    /** The organizer's programs; read by sandboxes of the platform only. */
    scorerTree: text("scorer_tree"),
    ingestionTree: text("ingestion_tree"),
    /** Hash over labels, scorer and nonce, published at the opening; the nonce is shown when the round is revealed. */
    commitment: text("commitment"),
    commitmentNonce: text("commitment_nonce"),
    /** What the hash is over: what the round was scored with when it opened. */
    committed: jsonb("committed").$type<{
      labels_tree: string;
      scorer_tree: string | null;
      scorer_version: string;
    }>(),
    opensAt: instant("opens_at"),
    closesAt: instant("closes_at"),
    openedAt: instant("opened_at"),
    closedAt: instant("closed_at"),
    /** While set, nothing is accepted and the clock of the round stands. */
    pausedAt: instant("paused_at"),
    /** When the final board was shown to all. */
    revealedAt: instant("revealed_at"),
    /** While it is revealed step by step: the final board is shown to all from this rank down. */
    revealedRank: integer("revealed_rank"),
    /** When the survivors entered the next round; null again when that was undone. */
    advancedAt: instant("advanced_at"),
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
    state: text("state").$type<"active" | "eliminated" | "withdrawn" | "banned" | "merged">().notNull(),
    /** Number of the round that the entrant has reached. */
    round: integer("round").notNull(),
    joinedAt: instant("joined_at").notNull(),
    /** SHA-256 of the terms that were agreed to. */
    termsHash: text("terms_hash"),
    termsAcceptedBy: text("terms_accepted_by"),
    mergedInto: text("merged_into"),
    /** Priority of its newest submission, in milliseconds (DOMjudge's fair queue). */
    lastPriority: bigint("last_priority", { mode: "number" }).notNull().default(0),
  },
  (t) => [uniqueIndex("entrants_once").on(t.competitionId, t.teamId), index("entrants_team").on(t.teamId)],
);

/**
 * Who takes part with which entrant: one person, one entrant, held by the key. A row stays when somebody leaves a team that
 * has submitted or is banned, so that nobody goes on with fresh tries in another.
 */
export const entrantMembers = pgTable(
  "entrant_members",
  {
    competitionId: text("competition_id")
      .notNull()
      .references(() => competitions.id),
    userId: text("user_id")
      .notNull()
      .references(() => users.id),
    entrantId: text("entrant_id")
      .notNull()
      .references(() => entrants.id),
    addedAt: instant("added_at").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.competitionId, t.userId] }),
    index("entrant_members_of").on(t.entrantId),
    index("entrant_members_user").on(t.userId),
  ],
);

/** One entrant asks another to become one; the other agrees or doesn't. */
export const entrantMerges = pgTable(
  "entrant_merges",
  {
    id: text("id").primaryKey(),
    competitionId: text("competition_id")
      .notNull()
      .references(() => competitions.id),
    fromEntrantId: text("from_entrant_id")
      .notNull()
      .references(() => entrants.id),
    intoEntrantId: text("into_entrant_id")
      .notNull()
      .references(() => entrants.id),
    state: text("state").$type<"proposed" | "done" | "refused" | "withdrawn">().notNull(),
    proposedBy: text("proposed_by"),
    proposedAt: instant("proposed_at").notNull(),
    endedAt: instant("ended_at"),
  },
  (t) => [index("entrant_merges_of").on(t.competitionId, t.id)],
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
    kind: text("kind").$type<"checkpoint" | "predictions" | "code">().notNull(),
    state: text("state").$type<"queued" | "inferring" | "scoring" | "scored" | "failed">().notNull(),
    /** On the public sample: uses up no try and is on no board. */
    trial: boolean("trial").notNull().default(false),
    /** Chosen by the entrant to count in the end. */
    selected: boolean("selected").notNull().default(false),
    /** Smaller is served first, in milliseconds (DOMjudge's fair queue). */
    priority: bigint("priority", { mode: "number" }).notNull().default(0),
    /** In the words of its entrant. */
    memo: text("memo"),
    codeTree: text("code_tree"),
    /** How the code is run. */
    run: jsonb("run").$type<{ entrypoint: string; image?: string; resources: Resources }>(),
    sessionId: text("session_id").references(() => sessions.id),
    checkpoint: jsonb("checkpoint").$type<{ name: string; tree_id: string }>(),
    inferSessionId: text("infer_session_id").references(() => sessions.id),
    /** How long its inference may take, ms: by the round's limit, and what was left of its credit budget. */
    inferMs: bigint("infer_ms", { mode: "number" }),
    predictionsTree: text("predictions_tree"),
    /** The session that ran the organizer's scorer on it. */
    scoreSessionId: text("score_session_id").references(() => sessions.id),
    /** Of the primary metric, over the public rows. */
    score: doublePrecision("score"),
    /** Over the private rows; shown once the round is revealed. null: the round has no split. */
    privateScore: doublePrecision("private_score"),
    /** The other columns, by key. */
    columns: jsonb("columns").$type<Record<string, number>>(),
    privateColumns: jsonb("private_columns").$type<Record<string, number>>(),
    /** SHA-256 of the predictions in their normal form: equal ones are the same answers. */
    predictionsDigest: text("predictions_digest"),
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
    index("submissions_digest").on(t.roundId, t.predictionsDigest),
    index("submissions_scored")
      .on(t.roundId, t.entrantId)
      .where(sql`${t.state} = 'scored' and not ${t.trial}`),
    index("submissions_under_way").on(t.roundId).where(sql`${t.state} in ('queued', 'inferring', 'scoring')`),
  ],
);
