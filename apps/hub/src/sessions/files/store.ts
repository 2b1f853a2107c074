import { and, inArray, sql } from "drizzle-orm";
import type { Db, Tx } from "../../platform/database.ts";
import { sessions } from "../schema.ts";
import { OPEN_STATES } from "../store.ts";

/** Sessions that have not ended and mount the dataset, in this version or (null) in any. */
export function sessionsMounting(db: Db | Tx, datasetId: string, version: number | null) {
  const mount = { dataset_id: datasetId, ...(version === null ? {} : { version }) };
  return db
    .select({ name: sessions.name, teamId: sessions.teamId })
    .from(sessions)
    .where(
      and(
        inArray(sessions.state, [...OPEN_STATES]),
        sql`${sessions.datasets} @> ${JSON.stringify([mount])}::jsonb`,
      ),
    )
    .orderBy(sessions.id);
}

/** The trees that sessions name. */
export const treesOfSessions = () => sql`
  select code_tree as tree_id from sessions where removed_at is null
  union all select output_tree from sessions
  union all select latest_checkpoint->>'tree_id' from sessions
  union all select checkpoint->>'tree_id' from sessions
  union all select input->>'tree_id' from sessions
  union all select mount->>'tree_id' from sessions, jsonb_array_elements(datasets) as mount`;
