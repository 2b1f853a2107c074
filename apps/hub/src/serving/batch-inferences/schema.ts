import type { BATCH_INFERENCE_STATES } from "@podium/shared";
import { index, integer, pgTable, text } from "drizzle-orm/pg-core";
import { users } from "../../accounts/schema.ts";
import { instant } from "../../platform/schema.ts";
import { sessions } from "../../sessions/schema.ts";
import { bindings, endpoints } from "../schema.ts";

/** Datasets that a version of an endpoint predicts row by row, in a session of its own each. */
export const batchInferences = pgTable(
  "batch_inferences",
  {
    id: text("id").primaryKey(),
    endpointId: text("endpoint_id")
      .notNull()
      .references(() => endpoints.id),
    bindingId: text("binding_id")
      .notNull()
      .references(() => bindings.id),
    sessionId: text("session_id")
      .notNull()
      .unique()
      .references(() => sessions.id),
    /** `team/name@version`, as it was called at the start */
    dataset: text("dataset").notNull(),
    /** No reference: it may be removed while it is predicted, and after. */
    outputDatasetId: text("output_dataset_id").notNull(),
    /** its name at the start */
    output: text("output").notNull(),
    outputVersion: integer("output_version"),
    state: text("state").$type<(typeof BATCH_INFERENCE_STATES)[number]>().notNull(),
    failure: text("failure"),
    createdBy: text("created_by").references(() => users.id),
    createdAt: instant("created_at").notNull(),
    endedAt: instant("ended_at"),
  },
  (t) => [index("batch_inferences_endpoint").on(t.endpointId, t.id)],
);
