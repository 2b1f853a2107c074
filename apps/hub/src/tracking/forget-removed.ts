import type { Context } from "../platform/context.ts";
import { deleteRecords, removedSessions } from "./store.ts";

const SESSIONS_AT_ONCE = 500;
const ROWS_AT_ONCE = 5_000;

/**
 * Deletes log, metrics and checkpoints of sessions that were removed, a bounded number of rows a statement, so that nothing
 * waits for it. Broken off anywhere, the next run goes on. @returns how many rows went
 */
export async function forgetRemoved(
  ctx: Context,
  goesOn: () => boolean = () => true,
  rowsAtOnce = ROWS_AT_ONCE,
): Promise<number> {
  let rows = 0;
  for (let after = ""; ; ) {
    const ids = await removedSessions(ctx.db, after, SESSIONS_AT_ONCE);
    for (const id of ids)
      for (let deleted = rowsAtOnce; deleted > 0 && goesOn(); rows += deleted)
        deleted = await deleteRecords(ctx.db, id, rowsAtOnce);
    const last = ids.at(-1);
    if (last === undefined || !goesOn()) return rows;
    after = last;
  }
}
