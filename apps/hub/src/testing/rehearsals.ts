import { sql } from "drizzle-orm";
import { startRehearsal } from "../competitions/rehearsals/start.ts";
import { findCompetition } from "../competitions/store.ts";
import type { Db } from "../platform/database.ts";
import type { makeCompetition } from "./factories.ts";

/** Starts a rehearsal of a contest that was made, with its data. */
export async function rehearse({
  organizer,
  definition,
  data,
}: Awaited<ReturnType<typeof makeCompetition>>): Promise<{ id: string; name: string }> {
  const id = await organizer.db.transaction((tx) => startRehearsal(organizer, tx, { definition, data }));
  const found = await findCompetition(organizer.db, { id });
  return { id, name: found?.competition.name ?? "" };
}

/** How many rows there are of every table that says whose competition, round, dataset or submission it is of. */
export async function contestRows(db: Db): Promise<Record<string, number>> {
  const tables = await db.execute<{ name: string }>(
    sql`select distinct table_name as name from information_schema.columns where table_schema = 'public'
      and (column_name in ('competition_id', 'round_id', 'dataset_id', 'submission_id', 'entrant_id')
        or table_name in ('competitions', 'datasets'))`,
  );
  const counts: Record<string, number> = {};
  for (const { name } of tables.rows) {
    const count = sql`select count(*)::int as n from ${sql.identifier(name)}`;
    counts[name] = (await db.execute<{ n: number }>(count)).rows[0]?.n ?? -1;
  }
  return counts;
}
