import type { DuckDBConnection } from "@duckdb/node-api";
import { isNumeric } from "./column-kinds.ts";
import { isOutOfMemory, queryRows } from "./locked-database.ts";
import { wholeNumber } from "./match-rows.ts";
import type { Wanted } from "./read-source.ts";
import type { Source } from "./source.ts";
import { readNumbers } from "./stream.ts";
import { TablesDiffer } from "./tables-differ.ts";

/**
 * The ids and the wanted columns of a file of any format, as numbers; −1 and NaN where a cell is none.
 * @throws TablesDiffer when it can't be read; as `requireRoom` when it has more than `maxRows`
 */
export async function readBySql(
  connection: DuckDBConnection,
  { columns, select, stored }: Source,
  wanted: readonly Wanted[],
  maxRows: number,
) {
  const whole = (cell: string) => {
    if (!stored) return wholeNumber(cell);
    if (!stored.wholes.has(cell)) return wholeNumber(`${cell}::VARCHAR`);
    return `coalesce(TRY_CAST(${cell} AS INTEGER), -1)`;
  };
  const list = wanted.map(({ place, is }) => {
    const cell = `v${place}`;
    if (is === "labels") return whole(cell);
    const isDouble = !stored && isNumeric(columns.values[place] ?? { kinds: [] });
    return `coalesce(${isDouble ? cell : `TRY_CAST(${cell} AS DOUBLE)`}, 'nan'::DOUBLE)`;
  });
  const int32 = (rows: number) => new Int32Array(rows);
  const make = wanted.map(({ is }) => (is === "labels" ? int32 : (rows: number) => new Float64Array(rows)));
  const sql = `SELECT ${[whole("id"), ...list].join(", ")} FROM (${stored?.select ?? select})`;
  try {
    // A Parquet file says how many rows it has.
    const expected = stored && (await countRows(connection, stored.select));
    const room = { maxRows, ...(expected !== undefined && { expected }) };
    return await readNumbers(connection, sql, [int32, ...make], room);
  } catch (error) {
    throw isOutOfMemory(error) ? error : new TablesDiffer({ cause: error });
  }
}

async function countRows(connection: DuckDBConnection, select: string): Promise<number> {
  const [counted] = await queryRows<{ rows: number }>(connection, `SELECT count(*) AS rows FROM (${select})`);
  return counted?.rows ?? 0;
}
