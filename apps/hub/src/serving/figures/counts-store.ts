import { sql } from "drizzle-orm";
import type { Db } from "../../platform/database.ts";

/** Rows that one statement removes. */
const DELETED_A_STATEMENT = 10_000;

/** Removes some of the keys' days of UTC that ended before `before`. @returns how many */
export async function removeKeyUsage(db: Db, before: Date): Promise<number> {
  const result = await db.execute(sql`
    delete from endpoint_key_usage where ctid = any (array(
      select ctid from endpoint_key_usage where day < ${before.toISOString().slice(0, 10)}::date
      limit ${DELETED_A_STATEMENT}))`);
  return result.rowCount ?? 0;
}

/**
 * Removes some of the counts of versions that were taken off and of which no gateway has said anything since `before`.
 * Those of a version that may still be called stay, however old: each run of a gateway is a part of its totals.
 * @returns how many
 */
export async function removeVersionFigures(db: Db, before: Date): Promise<number> {
  const result = await db.execute(sql`
    delete from version_figures where ctid = any (array(
      select version_figures.ctid from version_figures join bindings on bindings.id = binding_id
      where bindings.state = 'stopped' and updated_at < ${before.toISOString()}::timestamptz
      limit ${DELETED_A_STATEMENT}))`);
  return result.rowCount ?? 0;
}
