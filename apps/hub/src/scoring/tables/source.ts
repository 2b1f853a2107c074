import type { DomainError } from "@podium/shared";
import type { ColumnKind, WantedColumn } from "../metrics/plan.ts";
import { isNumeric } from "./column-kinds.ts";
import { fileError, quoted, quotedList } from "./file-error.ts";
import { sqlName, sqlText } from "./locked-database.ts";
import type { TableColumns } from "./read-records.ts";
import { MAX_LINE_BYTES, type TableFile } from "./table-file.ts";

/** Small buffers keep memory low and both cores busy on files of a few megabytes. */
const BUFFER_BYTES = 4 * MAX_LINE_BYTES;

/** A table file and the columns of it that are scored. */
export interface Source {
  readonly file: TableFile;
  readonly columns: TableColumns;
  /** SQL that reads `(id VARCHAR, v0, v1 …)` from it: DOUBLE where only numbers are wanted, else VARCHAR. */
  readonly select: string;
  /** Parquet: the same columns as they are stored, and which of them are whole numbers. */
  readonly stored?: { readonly select: string; readonly wholes: ReadonlySet<string> };
}

/** The name in the file, or the place in an array, of a wanted column. */
export type Resolve = (wanted: WantedColumn) => number;

/**
 * Finds the wanted columns in a file.
 * @returns the source, and the place of each wanted column among its values
 * @throws DomainError when a column is missing or there twice
 */
export function sourceOf(
  file: TableFile,
  idField: string,
  wanted: readonly WantedColumn[],
): { source: Source; placeOf: Resolve } {
  const nameOf = file.positional
    ? placesInArray(file, wanted)
    : (one: WantedColumn) => chosen(file, one.names);
  if (!file.positional) chosen(file, [idField]);
  const values: { name: string; kinds: ColumnKind[] }[] = [];
  for (const one of wanted) {
    const name = nameOf(one);
    const known = values.find((value) => value.name === name);
    if (!known) values.push({ name, kinds: [one.kind] });
    else if (!known.kinds.includes(one.kind)) known.kinds.push(one.kind);
  }
  const columns = { id: file.positional ? null : idField, values };
  const select = { csv: csvSelect, jsonl: jsonlSelect, parquet: parquetSelect }[file.format](file, columns);
  const placeOf = (one: WantedColumn) => values.findIndex((value) => value.name === nameOf(one));
  const stored = file.format === "parquet" ? { stored: storedColumns(file, columns) } : {};
  return { source: { file, columns, select, ...stored }, placeOf };
}

/** An array's columns are the wanted ones in the order in which the metrics name them. */
function placesInArray(file: TableFile, wanted: readonly WantedColumn[]): (one: WantedColumn) => string {
  const names = [...new Set(wanted.map((one) => one.names[0] ?? ""))];
  if (names.length !== file.columns.length) {
    const rest = `is an array of ${file.columns.length} columns; the metrics need ${names.length}: ${quotedList(names, names.length, 10)}.`;
    throw fileError(file.role, "wrong_shape", rest);
  }
  return (one) => `c${names.indexOf(one.names[0] ?? "")}`;
}

/** The first of the names that the file has. */
function chosen(file: TableFile, names: readonly string[]): string {
  const name = names.find((one) => file.columns.includes(one));
  if (name === undefined) throw missing(file, names[0] ?? "");
  if (file.columns.indexOf(name) !== file.columns.lastIndexOf(name)) {
    throw fileError(file.role, "duplicate_column", `has two columns named ${quoted(name)}. Keep one.`, {
      row: 1,
    });
  }
  return name;
}

function missing(file: TableFile, name: string): DomainError {
  const found = `Columns found: ${file.columns.length === 0 ? "none" : quotedList(file.columns, file.columns.length, 10)}.`;
  const first = file.columns[0] ?? "";
  const separated =
    file.columns.length === 1 && /[;\t|]/.test(first) ? " Separate the columns by commas." : "";
  const rest = {
    csv: `has no column ${quoted(name)}. ${found}${separated} The first line names the columns.`,
    jsonl: `has rows without ${quoted(name)}. ${found}`,
    parquet: `has no column ${quoted(name)}. ${found}`,
  }[file.format];
  return fileError(file.role, "missing_column", rest, { row: 1, columns: file.columns.slice(0, 100) });
}

function csvSelect(file: TableFile, { id, values }: TableColumns): string {
  // Columns by place: names in the file are hostile, and a quoted one could end the literal.
  const types = file.columns.map((name, at) => {
    const value = values.find((one) => one.name === name);
    return `'c${at}': '${value && isNumeric(value) ? "DOUBLE" : "VARCHAR"}'`;
  });
  const cell = (name: string) => `c${file.columns.indexOf(name)}`;
  const list = values.map((value, at) => `${cell(value.name)} AS v${at}`);
  return `SELECT ${[`${id === null ? "NULL" : cell(id)} AS id`, ...list].join(", ")} FROM read_csv(${sqlText(file.path)}, columns = {${types.join(", ")}},
    auto_detect = false, header = true, delim = ',', quote = '"', escape = '"', compression = 'none',
    max_line_size = ${MAX_LINE_BYTES}, buffer_size = ${BUFFER_BYTES})`;
}

function jsonlSelect(file: TableFile, { id, values }: TableColumns): string {
  // `raw` keeps a text's quotes, which tells the text "[1]" from the list [1].
  const list = values.map((value, at) =>
    isNumeric(value)
      ? `TRY_CAST(raw${at} ->> '$' AS DOUBLE) AS v${at}`
      : `CASE WHEN left(raw${at}, 1) IN ('{', '[') THEN ${NESTED} ELSE raw${at} ->> '$' END AS v${at}`,
  );
  const raw = values.map(({ name }, at) => `${sqlName(name)} AS raw${at}`);
  const others = values.filter(({ name }) => name !== id).map(({ name }) => `${sqlText(name)}: 'JSON'`);
  return `SELECT nullif(id, '') AS id, ${list.join(", ")} FROM (
    SELECT ${[`${sqlName(id ?? "")} AS id`, ...raw].join(", ")} FROM read_json(${sqlText(file.path)},
      columns = {${[`${sqlText(id ?? "")}: 'VARCHAR'`, ...others].join(", ")}},
      format = 'newline_delimited', compression = 'uncompressed', maximum_object_size = ${MAX_LINE_BYTES}))`;
}

/** A list where a label or a text belongs ends the load; the file is then explained. */
const NESTED = "error('nested value')";

const NO_CELL = /\[|^(STRUCT|MAP|UNION|LIST|BLOB|BIT|VARIANT|GEOMETRY)/;

function parquetSelect(file: TableFile, { id, values }: TableColumns): string {
  for (const { name } of id === null ? values : [{ name: id }, ...values]) {
    const type = file.types?.[file.columns.indexOf(name)] ?? "";
    if (!NO_CELL.test(type)) continue;
    const rest = `has ${quoted(name)} of the type ${quoted(type)}. Write a column of numbers or texts.`;
    throw fileError(file.role, "wrong_type", rest);
  }
  const list = values.map(
    (value, at) => `${cast(sqlName(value.name), isNumeric(value) ? "DOUBLE" : "VARCHAR")} AS v${at}`,
  );
  const ids = `nullif(CAST(${sqlName(id ?? "")} AS VARCHAR), '') AS id`;
  return `SELECT ${[ids, ...list].join(", ")} FROM read_parquet(${sqlText(file.path)}, hive_partitioning = false)`;
}

/** Numbers that are stored as such need no step through texts. */
function storedColumns(file: TableFile, { id, values }: TableColumns) {
  const typeOf = (name: string) => file.types?.[file.columns.indexOf(name)] ?? "";
  const cells = [{ name: id ?? "", as: "id" }, ...values.map(({ name }, at) => ({ name, as: `v${at}` }))];
  const list = cells.map(({ name, as }) => `${sqlName(name)} AS ${as}`);
  return {
    select: `SELECT ${list.join(", ")} FROM read_parquet(${sqlText(file.path)}, hive_partitioning = false)`,
    wholes: new Set(
      cells.filter(({ name }) => /^U?(TINY|SMALL|BIG)?INT(EGER)?$/.test(typeOf(name))).map(({ as }) => as),
    ),
  };
}

const cast = (value: string, type: string) => `TRY_CAST(${value} AS ${type})`;
