import type { DuckDBConnection } from "@duckdb/node-api";
import type { Cells, ColumnKind, LabelCells, WantedColumn } from "../metrics/plan.ts";
import { type Column, cellsOf } from "./cells.ts";
import { RANGES } from "./explain.ts";
import { type Sources, TablesDiffer } from "./explain-mismatch.ts";
import { fileError } from "./file-error.ts";
import { MAX_CLASSES, MAX_ROWS, MAX_TEXT } from "./limits.ts";
import { isOutOfMemory, queryRows, sqlText } from "./locked-database.ts";
import { matchRows } from "./match-rows.ts";
import { isNumeric, type Resolve, type Source } from "./source.ts";
import { streamNumbers, streamTexts } from "./stream.ts";

/** What scoring asks of the two files. */
export interface Asked {
  readonly sources: Sources;
  readonly placeOf: { readonly labels: Resolve; readonly predictions: Resolve };
  /** What the arrays may take, bytes. */
  readonly memoryBytes: number;
  /** What the texts of a Parquet file of predictions may come to. */
  readonly maxTextBytes: number;
}

/** The joined rows, and where each row of the predictions stands among them. */
export interface Loaded {
  readonly cells: Cells;
  readonly placeOfRow: Int32Array | undefined;
}

/**
 * Reads each file once, into the tables `labels` and `predictions`, and lays the wanted columns side by side in the
 * order of the labels. What is computed from them depends neither on threads nor on the order of the predictions.
 * @throws TablesDiffer when a file can't be read, a value is none, or the ids do not match one to one
 */
export async function loadCells(connection: DuckDBConnection, asked: Asked): Promise<Loaded> {
  const { labels, predictions } = asked.sources;
  const rows = await createTable(connection, labels);
  await requireSmallTexts(connection, asked);
  const predicted = await createTable(connection, predictions);
  requireMemory(asked, rows);
  if (rows === 0 || predicted !== rows) throw new TablesDiffer();
  const placeOfRow = predictions.file.positional ? undefined : await matchRows(connection, rows);
  const columns = {
    labels: await readColumns(connection, labels, rows),
    predictions: await readColumns(connection, predictions, rows, placeOfRow),
  };
  const find = (wanted: WantedColumn): Column =>
    columns[wanted.file][asked.placeOf[wanted.file](wanted)] ?? {};
  return { cells: cellsOf(rows, find), placeOfRow };
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

async function createTable(connection: DuckDBConnection, { file, select }: Source): Promise<number> {
  try {
    await connection.run(`CREATE TABLE ${file.role} AS ${select}`);
  } catch (error) {
    if (isOutOfMemory(error)) throw error;
    throw new TablesDiffer({ cause: error });
  }
  const [counted] = await queryRows<{ rows: number }>(connection, `SELECT count(*) AS rows FROM ${file.role}`);
  const rows = counted?.rows ?? 0;
  if (rows > MAX_ROWS) throw fileError(file.role, "too_large", `has ${rows} rows; at most ${MAX_ROWS} are read.`);
  return rows;
}

/** Two arrays of positions, then one per column. */
function requireMemory({ sources, memoryBytes }: Asked, rows: number): void {
  const columns = sources.labels.columns.values.length + sources.predictions.columns.values.length;
  const needed = rows * (2 * Int32Array.BYTES_PER_ELEMENT + columns * Float64Array.BYTES_PER_ELEMENT);
  if (needed > memoryBytes) throw new Error(`out of memory: ${needed} bytes are needed for arrays`);
}

async function readColumns(
  connection: DuckDBConnection,
  { file, columns }: Source,
  rows: number,
  at?: Int32Array,
): Promise<Column[]> {
  const read: Column[] = columns.values.map(() => ({}));
  const numeric = columns.values.flatMap((value, place) =>
    value.kinds.some((kind) => kind in RANGES) ? [{ ...value, place, cells: new Float64Array(rows) }] : [],
  );
  if (numeric.length > 0) {
    const list = numeric.map((value) => {
      const number = isNumeric(value) ? `v${value.place}` : `TRY_CAST(v${value.place} AS DOUBLE)`;
      return `coalesce(${number}, 'nan'::DOUBLE)`;
    });
    const arrays = numeric.map((value) => value.cells);
    await streamNumbers(connection, `SELECT ${list.join(", ")} FROM ${file.role}`, arrays, at);
    for (const { kinds, cells, place } of numeric) {
      for (const kind of kinds) requireRange(cells, kind);
      (read[place] as Column).numbers = cells;
    }
  }
  for (const [place, { kinds }] of columns.values.entries()) {
    const column = read[place] as Column;
    if (kinds.includes("label")) column.labels = await readLabels(connection, file.role, place, rows, at);
    if (kinds.includes("text")) column.texts = await readTexts(connection, file.role, place, rows, at);
  }
  return read;
}

function requireRange(cells: Float64Array, kind: ColumnKind): void {
  if (!(kind in RANGES)) return;
  const [least, most] = RANGES[kind as keyof typeof RANGES];
  for (const value of cells) {
    // Not `<`: a NaN must not pass.
    if (!(value >= least && value <= most) || (kind === "positive" && value === 0)) throw new TablesDiffer();
  }
}

async function readLabels(
  connection: DuckDBConnection,
  table: "labels" | "predictions",
  place: number,
  rows: number,
  at?: Int32Array,
): Promise<LabelCells> {
  const text = `coalesce(trim(v${place}::VARCHAR, e' \\t\\r\\n'), '')`;
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
  const codes = new Uint32Array(rows);
  await streamNumbers(connection, `SELECT enum_code(${text}::${type})::UINTEGER FROM ${table}`, [codes], at);
  return { codes, texts };
}

async function readTexts(
  connection: DuckDBConnection,
  table: "labels" | "predictions",
  place: number,
  rows: number,
  at?: Int32Array,
): Promise<readonly string[]> {
  const text = `coalesce(v${place}::VARCHAR, '')`;
  const [size] = await queryRows<{ longest: number }>(
    connection,
    `SELECT max(length(${text})) AS longest FROM ${table}`,
  );
  if ((size?.longest ?? 0) > MAX_TEXT) throw new TablesDiffer();
  const texts = new Array<string>(rows).fill("");
  await streamTexts(connection, `SELECT ${text} FROM ${table}`, texts, at);
  return texts;
}
