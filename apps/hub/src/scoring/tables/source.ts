import type { DomainError } from "@podium/shared";
import { fileError, quoted, quotedList } from "./file-error.ts";
import { sqlName, sqlText } from "./locked-database.ts";
import type { TableColumns } from "./read-records.ts";
import { MAX_LINE_BYTES, type TableFile } from "./table-file.ts";

/** Small buffers keep memory low and both cores busy on files of a few megabytes. */
const BUFFER_BYTES = 4 * MAX_LINE_BYTES;

/** A table file and the two columns of it that are scored. */
export interface Source {
  readonly file: TableFile;
  readonly columns: TableColumns;
  /** SQL that reads `(id VARCHAR, value DOUBLE or VARCHAR)` from it. */
  readonly select: string;
}

/**
 * Chooses the columns; the value is the first of `valueFields` that the file has.
 * @throws DomainError when a column is missing or there twice
 */
export function sourceOf(
  file: TableFile,
  idField: string,
  valueFields: readonly string[],
  values: "number" | "label",
): Source {
  const columns = chooseColumns(file, idField, valueFields);
  const select =
    file.format === "csv" ? csvSelect(file, columns, values) : jsonlSelect(file, columns, values);
  return { file, columns, select };
}

function chooseColumns(file: TableFile, idField: string, valueFields: readonly string[]): TableColumns {
  const found = `Columns found: ${file.columns.length === 0 ? "none" : quotedList(file.columns, file.columns.length, 10)}.`;
  const missing = (name: string): DomainError => {
    const first = file.columns[0] ?? "";
    const separated =
      file.columns.length === 1 && /[;\t|]/.test(first) ? " Separate the columns by commas." : "";
    const rest = `has no column ${quoted(name)}. ${found}${separated} The first line names the columns.`;
    const hint = file.format === "csv" ? rest : `has rows without ${quoted(name)}. ${found}`;
    return fileError(file.role, "missing_column", hint, { row: 1, columns: file.columns.slice(0, 100) });
  };
  if (!file.columns.includes(idField)) throw missing(idField);
  const value = valueFields.find((name) => file.columns.includes(name));
  if (value === undefined) throw missing(valueFields[0] ?? "");
  for (const name of [idField, value]) {
    if (file.columns.indexOf(name) !== file.columns.lastIndexOf(name)) {
      throw fileError(file.role, "duplicate_column", `has two columns named ${quoted(name)}. Keep one.`, {
        row: 1,
      });
    }
  }
  return { id: idField, value };
}

function csvSelect(file: TableFile, columns: TableColumns, values: "number" | "label"): string {
  const id = file.columns.indexOf(columns.id);
  const value = file.columns.indexOf(columns.value);
  // Columns by place: names in the file are hostile, and a quoted one could end the literal.
  const types = file.columns.map(
    (_, at) => `'c${at}': '${at === value && values === "number" ? "DOUBLE" : "VARCHAR"}'`,
  );
  return `SELECT c${id} AS id, c${value} AS value FROM read_csv(${sqlText(file.path)}, columns = {${types.join(", ")}},
    auto_detect = false, header = true, delim = ',', quote = '"', escape = '"', compression = 'none',
    max_line_size = ${MAX_LINE_BYTES}, buffer_size = ${BUFFER_BYTES})`;
}

function jsonlSelect(file: TableFile, columns: TableColumns, values: "number" | "label"): string {
  // `raw` keeps a text's quotes, which tells the text "[1]" from the list [1].
  const value =
    values === "number"
      ? "TRY_CAST(raw ->> '$' AS DOUBLE)"
      : "CASE WHEN left(raw, 1) IN ('{', '[') THEN NULL ELSE raw ->> '$' END";
  return `SELECT nullif(id, '') AS id, ${value} AS value FROM (
    SELECT ${sqlName(columns.id)} AS id, ${sqlName(columns.value)} AS raw FROM read_json(${sqlText(file.path)},
      columns = {${sqlText(columns.id)}: 'VARCHAR', ${sqlText(columns.value)}: 'JSON'},
      format = 'newline_delimited', compression = 'uncompressed', maximum_object_size = ${MAX_LINE_BYTES}))`;
}
