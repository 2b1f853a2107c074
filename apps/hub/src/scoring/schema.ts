import { doublePrecision, integer, pgTable, text, uniqueIndex } from "drizzle-orm/pg-core";
import { submissions } from "../competitions/schema.ts";
import { instant } from "../platform/schema.ts";

/** Invariant 3: a submission is scored once per scorer version. */
export const scores = pgTable(
  "scores",
  {
    id: text("id").primaryKey(),
    submissionId: text("submission_id")
      .notNull()
      .references(() => submissions.id),
    scorerVersion: text("scorer_version").notNull(),
    score: doublePrecision("score").notNull(),
    rows: integer("rows").notNull(),
    createdAt: instant("created_at").notNull(),
  },
  (t) => [uniqueIndex("scores_once").on(t.submissionId, t.scorerVersion)],
);
