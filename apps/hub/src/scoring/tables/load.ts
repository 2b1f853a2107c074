import type { DuckDBConnection } from "@duckdb/node-api";
import type { Cells, LabelCells, WantedColumn } from "../metrics/plan.ts";
import type { Asked } from "./asked.ts";
import { type Column, cellsOf } from "./cells.ts";
import { isNumeric } from "./column-kinds.ts";
import { ensureTable } from "./ensure-table.ts";
import { RANGES } from "./explain.ts";
import type { Sources } from "./explain-mismatch.ts";
import { fileError } from "./file-error.ts";
import { MAX_CLASSES, MAX_LABEL, MAX_ROWS, MAX_TEXT } from "./limits.ts";
import { type Laid, loadNumbers, placed } from "./load-numbers.ts";
import { isOutOfMemory, queryRows, sqlText } from "./locked-database.ts";
import { matchTexts } from "./match-rows.ts";
import { requireRange } from "./require-range.ts";
import { requireRoom } from "./require-room.ts";
import type { Source } from "./source.ts";
import { readNumbers, readTexts } from "./stream.ts";
import { TablesDiffer } from "./tables-differ.ts";

/**
 * Lays the wanted columns of both files side by side in the order of the labels. What is computed from them depends
 * neither on threads nor on the order of the predictions.
 * @throws TablesDiffer when a file can't be read, a value is none, or the ids do not match one to one
 */
export async function loadCells(connection: DuckDBConnection, asked: Asked): Promise<Cells> {
  const { rows, columns } = (await loadNumbers(connection, asked)) ?? (await loadTables(connection, asked));
  const find = (wanted: WantedColumn): Column =>
    columns[wanted.file][asked.placeOf[wanted.file](wanted)] ?? {};
  return cellsOf(rows, find);
}

/** By tables in the database, for files with any texts. */
async function loadTables(connection: DuckDBConnection, asked: Asked): Promise<Laid> {
  const { labels, predictions } = asked.sources;
  const rows = await countTable(connection, labels);
  requireRoom(rows, asked.maxRows);
  await requireSmallTexts(connection, asked);
  const predicted = await countTable(connection, predictions);
  if (rows === 0 || predicted !== rows) throw new TablesDiffer();
  const placeOf = predictions.file.positional ? null : await matchTexts(connection, rows);
  const own = await readColumns(connection, predictions);
  return {
    rows,
    columns: {
      labels: await readColumns(connection, labels),
      predictions: placeOf ? own.map((column) => placed(column, placeOf)) : own,
    },
  };
}

/**
 * The most rows whose arrays fit: two of positions, then one per column, those of predictions twice while they are
 * placed.
 * @param memoryBytes  what they may take
 */
export function mostRows({ labels, predictions }: Sources, memoryBytes: number): number {
  const columns = labels.columns.values.length + predictions.columns.values.length;
  const bytesPerRow = 2 * Int32Array.BYTES_PER_ELEMENT + (columns + 1) * Float64Array.BYTES_PER_ELEMENT;
  return Math.floor(memoryBytes / bytesPerRow);
}

/**
 * A text that stands once in a Parquet file's dictionary may be in a million rows: only reading it tells. This looks
 * at the texts without keeping them.
 */
async function requireSmallTexts(connection: DuckDBConnection, asked: Asked): Promise<void> {
  const { file, columns, select } = asked.sources.predictions;
  if (file.format !== "parquet") return;
  const texts = columns.values.flatMap((value, at) => (isNumeric(value) ? [] : [`v${at}`]));
  const bytes = ["id", ...texts].map((name) => `coalesce(sum(strlen(${name})), 0)`).join(" + ");
  const found = await queryRows<{ bytes: number }>(
    connection,
    `SELECT (${bytes})::BIGINT AS bytes FROM (${select})`,
  ).catch((error: unknown) => {
    throw isOutOfMemory(error) ? error : new TablesDiffer({ cause: error });
  });
  if ((found[0]?.bytes ?? 0) <= asked.maxTextBytes) return;
  const rest = `unpacks to ${found[0]?.bytes} bytes of texts; at most ${asked.maxTextBytes} are allowed.`;
  throw fileError("predictions", "too_large", rest, { max_bytes: asked.maxTextBytes });
}

async function countTable(connection: DuckDBConnection, source: Source): Promise<number> {
  const { role } = source.file;
  await ensureTable(connection, source).catch((error: unknown) => {
    throw isOutOfMemory(error) ? error : new TablesDiffer({ cause: error });
  });
  const [counted] = await queryRows<{ rows: number }>(connection, `SELECT count(*) AS rows FROM ${role}`);
  const rows = counted?.rows ?? 0;
  if (rows > MAX_ROWS) throw fileError(role, "too_large", `has ${rows} rows; at most ${MAX_ROWS} are read.`);
  return rows;
}

async function readColumns(connection: DuckDBConnection, { file, columns }: Source): Promise<Column[]> {
  const read: Column[] = [];
  for (const [place, value] of columns.values.entries()) {
    const { kinds } = value;
    const column: Column = {};
    if (kinds.some((kind) => kind in RANGES)) {
      const number = isNumeric(value) ? `v${place}` : `TRY_CAST(v${place} AS DOUBLE)`;
      const sql = `SELECT coalesce(${number}, 'nan'::DOUBLE) FROM ${file.role}`;
      const { arrays } = await readNumbers(connection, sql, [(rows) => new Float64Array(rows)]);
      column.numbers = arrays[0] as Float64Array;
      for (const kind of kinds) requireRange(column.numbers, kind);
    }
    if (kinds.includes("label")) column.labels = await readLabels(connection, file.role, place);
    if (kinds.includes("text")) column.texts = await readShortTexts(connection, file.role, place);
    read.push(column);
  }
  return read;
}

async function readLabels(
  connection: DuckDBConnection,
  table: "labels" | "predictions",
  place: number,
): Promise<LabelCells> {
  const text = `coalesce(trim(v${place}::VARCHAR, e' \\t\\r\\n'), '')`;
  const [size] = await queryRows<{ longest: number }>(
    connection,
    `SELECT max(length(${text})) AS longest FROM ${table}`,
  );
  if ((size?.longest ?? 0) > MAX_LABEL) throw new TablesDiffer();
  const found = await queryRows<{ text: string }>(
    connection,
    `SELECT DISTINCT ${text} AS text FROM ${table} LIMIT ${MAX_CLASSES + 1}`,
  );
  if (found.length > MAX_CLASSES) {
    const rest = `has more than ${MAX_CLASSES} different labels. Choose a metric of numbers for such a target.`;
    throw fileError(table, "too_many_classes", rest);
  }
  const texts = found.map((one) => one.text).sort();
  if (texts.includes("")) throw new TablesDiffer();
  const type = `${table}_${place}`;
  await connection.run(`CREATE TYPE ${type} AS ENUM (${texts.map(sqlText).join(", ")})`);
  const sql = `SELECT enum_code(${text}::${type})::UINTEGER FROM ${table}`;
  const { arrays } = await readNumbers(connection, sql, [(rows) => new Uint32Array(rows)]);
  return { codes: arrays[0] as Uint32Array, texts };
}

async function readShortTexts(
  connection: DuckDBConnection,
  table: "labels" | "predictions",
  place: number,
): Promise<readonly string[]> {
  const text = `coalesce(v${place}::VARCHAR, '')`;
  const [size] = await queryRows<{ longest: number }>(
    connection,
    `SELECT max(length(${text})) AS longest FROM ${table}`,
  );
  if ((size?.longest ?? 0) > MAX_TEXT) throw new TablesDiffer();
  return readTexts(connection, `SELECT ${text} FROM ${table}`);
}
