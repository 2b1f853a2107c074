import { doublePrecision, index, integer, jsonb, pgTable, text, uniqueIndex } from "drizzle-orm/pg-core";
import { instant } from "../platform/schema.ts";
import type { SessionSpec } from "../sessions/index.ts";
import { sessions } from "../sessions/schema.ts";
import { teams } from "../teams/schema.ts";

export const studies = pgTable("studies", {
  id: text("id").primaryKey(),
  teamId: text("team_id")
    .notNull()
    .references(() => teams.id),
  createdBy: text("created_by"),
  state: text("state").$type<"running" | "finished">().notNull(),
  objective: jsonb("objective").$type<{ metric: string; direction: "minimize" | "maximize" }>().notNull(),
  parallel: integer("parallel").notNull(),
  /** What every trial runs, its datasets resolved when the study was made. */
  spec: jsonb("spec").$type<SessionSpec>().notNull(),
  createdAt: instant("created_at").notNull(),
});

export const trials = pgTable(
  "trials",
  {
    id: text("id").primaryKey(),
    studyId: text("study_id")
      .notNull()
      .references(() => studies.id),
    number: integer("number").notNull(),
    args: jsonb("args").$type<string[]>().notNull(),
    state: text("state").$type<"waiting" | "running" | "succeeded" | "failed">().notNull(),
    sessionId: text("session_id").references(() => sessions.id),
    value: doublePrecision("value"),
  },
  (t) => [uniqueIndex("trials_number").on(t.studyId, t.number), index("trials_session").on(t.sessionId)],
);
