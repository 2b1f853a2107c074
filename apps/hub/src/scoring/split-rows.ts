import type { DuckDBConnection } from "@duckdb/node-api";
import type { ScoreSplit } from "@podium/shared";
import { labelsColumn } from "./metrics/columns.ts";
import type { Cells, WantedColumn } from "./metrics/plan.ts";
import { ensureTable } from "./tables/ensure-table.ts";
import { fileError } from "./tables/file-error.ts";
import { sqlText } from "./tables/locked-database.ts";
import type { Source } from "./tables/source.ts";
import { readNumbers } from "./tables/stream.ts";

/** The column that a split reads, if it reads one. */
export function splitColumn(split: ScoreSplit | undefined): WantedColumn | undefined {
  return split && "field" in split ? labelsColumn(split.field, "text") : undefined;
}

/**
 * 1 for each public row, 0 for each private one, in the order of the labels. A drawn share takes the ids whose MD5
 * with the seed is smallest: the same ids in every file that has them.
 * @throws DomainError when one of the parts is empty
 */
export async function publicRows(
  connection: DuckDBConnection,
  split: ScoreSplit,
  labels: Source,
  cells: Cells,
): Promise<Uint8Array> {
  const marks = new Uint8Array(cells.rows);
  if ("field" in split) {
    const texts = cells.texts(labelsColumn(split.field, "text"));
    for (let row = 0; row < cells.rows; row += 1) marks[row] = texts[row]?.trim() === split.public ? 1 : 0;
  } else {
    const most = BigInt(Math.floor(split.share * 2 ** 53)) << 11n;
    const drawn = `md5_number_lower(concat(${sqlText(split.seed)}, chr(31), id)) < ${most}::UBIGINT`;
    await ensureTable(connection, labels);
    const sql = `SELECT (${drawn})::UTINYINT FROM labels`;
    marks.set((await readNumbers(connection, sql, [(rows) => new Uint8Array(rows)])).arrays[0] as Uint8Array);
  }
  const count = marks.reduce((sum, mark) => sum + mark, 0);
  if (count === 0 || count === cells.rows) {
    const rest = `has ${count === 0 ? "no public rows" : "only public rows"} by the competition's split. Give each part at least one.`;
    throw fileError("labels", "undefined_metric", rest);
  }
  return marks;
}
