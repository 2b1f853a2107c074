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
import { instant, whole } from "../platform/schema.ts";
import { attempts, sessions } from "../sessions/schema.ts";

/** Lines of the session's output, once each. `position` orders them over all attempts (see position.ts). */
export const logLines = pgTable(
  "log_lines",
  {
    attemptId: text("attempt_id")
      .notNull()
      .references(() => attempts.id),
    seq: integer("seq").notNull(),
    sessionId: text("session_id")
      .notNull()
      .references(() => sessions.id),
    position: whole("position").notNull(),
    at: instant("at").notNull(),
    text: text("text").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.attemptId, t.seq] }),
    index("log_lines_position").on(t.sessionId, t.position),
  ],
);

export const metricPoints = pgTable(
  "metric_points",
  {
    attemptId: text("attempt_id")
      .notNull()
      .references(() => attempts.id),
    seq: integer("seq").notNull(),
    name: text("name").notNull(),
    sessionId: text("session_id")
      .notNull()
      .references(() => sessions.id),
    position: whole("position").notNull(),
    step: doublePrecision("step"),
    /** null where NaN or infinity was reported */
    value: doublePrecision("value"),
    at: instant("at").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.attemptId, t.seq, t.name] }),
    index("metric_points_position").on(t.sessionId, t.name, t.position),
  ],
);

export const checkpoints = pgTable(
  "checkpoints",
  {
    id: text("id").primaryKey(),
    sessionId: text("session_id")
      .notNull()
      .references(() => sessions.id),
    name: text("name").notNull(),
    treeId: text("tree_id").notNull(),
    sizeBytes: whole("size_bytes").notNull(),
    metrics: jsonb("metrics").$type<Record<string, number>>().notNull(),
    createdAt: instant("created_at").notNull(),
  },
  (t) => [uniqueIndex("checkpoints_name").on(t.sessionId, t.name)],
);
