import { inArray, lt, sql } from "drizzle-orm";
import type { Db, Tx } from "../../platform/database.ts";
import { bindings } from "../schema.ts";
import { versionFigures } from "./schema.ts";
import { addTotals, NOTHING, type Totals } from "./totals.ts";

type Row = typeof versionFigures.$inferInsert;

/** Writes what is newer than what is there. Rows in the order of their ids: two reports never wait in a circle. */
export async function saveFigures(tx: Tx, rows: readonly Row[]): Promise<void> {
  const known = await tx
    .select({ id: bindings.id })
    .from(bindings)
    .where(
      inArray(
        bindings.id,
        rows.map((row) => row.bindingId),
      ),
    );
  const ids = new Set(known.map(({ id }) => id));
  const values = rows
    .filter((row) => ids.has(row.bindingId))
    .sort((a, b) => (a.bindingId < b.bindingId ? -1 : 1));
  if (values.length === 0) return;
  await tx
    .insert(versionFigures)
    .values(values)
    .onConflictDoUpdate({
      target: [versionFigures.bindingId, versionFigures.runId],
      set: {
        sequence: sql`excluded.sequence`,
        calls: sql`excluded.calls`,
        errors: sql`excluded.errors`,
        latency: sql`excluded.latency`,
        shadow: sql`excluded.shadow`,
        updatedAt: sql`excluded.updated_at`,
      },
      setWhere: lt(versionFigures.sequence, sql`excluded.sequence`),
    });
}

/** Totals of these bindings over all gateways and their runs, by id; nothing counted is `NOTHING`. */
export async function totalsOf(db: Db | Tx, bindingIds: readonly string[]): Promise<Record<string, Totals>> {
  const totals: Record<string, Totals> = Object.fromEntries(bindingIds.map((id) => [id, NOTHING]));
  if (bindingIds.length === 0) return totals;
  const rows = await db
    .select()
    .from(versionFigures)
    .where(inArray(versionFigures.bindingId, [...bindingIds]));
  for (const { bindingId, calls, errors, latency, shadow } of rows)
    totals[bindingId] = addTotals(totals[bindingId] ?? NOTHING, { calls, errors, latency, shadow });
  return totals;
}
