import type { DuckDBConnection } from "@duckdb/node-api";
import type { DomainError } from "@podium/shared";
import type { ColumnKind } from "../metrics/plan.ts";
import { explainFile, linesOfIds, lineWord, RANGES } from "./explain.ts";
import { type FileRole, fileError, quoted, quotedList } from "./file-error.ts";
import { MAX_LABEL, MAX_TEXT } from "./limits.ts";
import { isOutOfMemory, queryRows } from "./locked-database.ts";
import type { Source } from "./source.ts";
import type { TablesDiffer } from "./tables-differ.ts";

const SHOWN = 5;

export interface Sources {
  readonly labels: Source;
  readonly predictions: Source;
}

/**
 * Why two files can't be scored: unreadable rows and bad values first, then repeated, unknown and missing ids.
 * @param found  what the comparison stumbled on
 */
export async function explainMismatch(
  connection: DuckDBConnection,
  { labels, predictions }: Sources,
  found: TablesDiffer,
): Promise<DomainError> {
  return (
    (await badRow(connection, labels)) ??
    (await badRow(connection, predictions)) ??
    (await duplicates(connection, labels)) ??
    (predictions.file.positional
      ? await otherLength(connection, predictions)
      : ((await duplicates(connection, predictions)) ??
        (await unknown(connection, predictions)) ??
        (await missing(connection, found))))
  );
}

/** Loads a file into a table named by its role, unless it is there, and says what is wrong with a row of it. */
async function badRow(connection: DuckDBConnection, source: Source): Promise<DomainError | null> {
  const { file, columns, select } = source;
  try {
    await connection.run(`CREATE TABLE IF NOT EXISTS ${file.role} AS ${select}`);
  } catch (error) {
    if (isOutOfMemory(error)) throw error;
    return explainFile(connection, source, undefined, error);
  }
  const usable = columns.values.flatMap(({ kinds }, at) => kinds.map((kind) => usableSql(`v${at}`, kind)));
  const [seen] = await queryRows<{ rows: number; ids: number; usable: number }>(
    connection,
    `SELECT count(*) AS rows, count(id) AS ids, count(*) FILTER (${usable.join(" AND ") || "true"}) AS usable FROM ${file.role}`,
  );
  if (!seen || seen.rows === 0) {
    return fileError(file.role, "empty_file", "has no rows. Write one row per id.");
  }
  const ids = file.positional ? seen.rows : seen.ids;
  return ids < seen.rows || seen.usable < seen.rows ? explainFile(connection, source) : null;
}

function usableSql(value: string, kind: ColumnKind): string {
  if (kind === "text") return `coalesce(length(${value}), 0) <= ${MAX_TEXT}`;
  if (kind === "label") {
    return `coalesce(length(trim(${value}::VARCHAR, e' \\t\\r\\n')) BETWEEN 1 AND ${MAX_LABEL}, false)`;
  }
  const [least, most] = RANGES[kind];
  const number = `TRY_CAST(${value} AS DOUBLE)`;
  const range = `${number} ${kind === "positive" ? ">" : ">="} ${least} AND ${number} <= ${most}`;
  return `coalesce(${range}, false)`;
}

async function otherLength(connection: DuckDBConnection, { file }: Source): Promise<DomainError> {
  const [seen] = await queryRows<{ labels: number; predictions: number }>(
    connection,
    "SELECT (SELECT count(*) FROM labels) AS labels, (SELECT count(*) FROM predictions) AS predictions",
  );
  const rest = `has ${seen?.predictions} rows; there are ${seen?.labels} test inputs. An array has one row for each, in their order.`;
  return fileError(file.role, "wrong_shape", rest, { count: seen?.predictions });
}

async function duplicates(connection: DuckDBConnection, source: Source): Promise<DomainError | null> {
  const { file } = source;
  const { total, ids } = await firstIds(
    connection,
    `SELECT id, min(rowid) AS place FROM ${file.role} GROUP BY id HAVING count(*) > 1`,
  );
  const [id] = ids;
  if (id === undefined) return null;
  const lines = (await linesOfIds(connection, source, [id], 2)).get(id) ?? [];
  const more = total > 1 ? ` ${total} ids are repeated: ${quotedList(ids, total, SHOWN)}.` : "";
  const where = lines.length === 2 ? ` on ${lineWord(file)}s ${lines.join(" and ")}` : "";
  return fileError(
    file.role,
    "duplicate_ids",
    `has the id ${quoted(id)} twice${where}. Keep one row per id.${more}`,
    {
      ...placed(lines[1], id),
      ids,
      count: total,
    },
  );
}

async function unknown(connection: DuckDBConnection, source: Source): Promise<DomainError | null> {
  const { file } = source;
  const { total, ids } = await firstIds(
    connection,
    "SELECT p.id AS id, p.rowid AS place FROM predictions p ANTI JOIN labels l ON p.id = l.id",
  );
  const [id] = ids;
  if (id === undefined) return null;
  const [line] = (await linesOfIds(connection, source, [id], 1)).get(id) ?? [];
  const more = total > 1 ? ` ${total} ids are unknown: ${quotedList(ids, total, SHOWN)}.` : "";
  const where = line === undefined ? "" : ` on ${lineWord(file)} ${line}`;
  const form = (await isOtherForm(connection, id))
    ? " It looks like one of them, but its letters are in another Unicode form: normalize to the form of the inputs (NFC or NFD)."
    : "";
  const rest = `has the unknown id ${quoted(id)}${where}. Predict only the ids of the test inputs, written as they are there.${form}${more}`;
  return fileError(file.role, "unknown_ids", rest, { ...placed(line, id), ids, count: total });
}

/** Whether the id would be a known one, were both normalised: "é" may be one character or two. */
async function isOtherForm(connection: DuckDBConnection, id: string): Promise<boolean> {
  const found = await queryRows(
    connection,
    "SELECT 1 FROM labels WHERE nfc_normalize(id) = nfc_normalize($1::VARCHAR) LIMIT 1",
    [id],
  );
  return found.length > 0;
}

async function missing(connection: DuckDBConnection, found: TablesDiffer): Promise<DomainError> {
  const { total, ids } = await firstIds(
    connection,
    "SELECT l.id AS id, l.rowid AS place FROM labels l ANTI JOIN predictions p ON p.id = l.id",
  );
  if (total === 0) {
    throw new Error("The join found a mismatch that cannot be found again.", { cause: found });
  }
  const what = total === 1 ? "no row for the id" : `no rows for ${total} ids:`;
  const role: FileRole = "predictions";
  return fileError(
    role,
    "missing_ids",
    `has ${what} ${quotedList(ids, total, SHOWN)}. Predict every id of the test inputs.`,
    {
      ids,
      count: total,
    },
  );
}

async function firstIds(connection: DuckDBConnection, select: string) {
  const rows = await queryRows<{ id: string; total: number }>(
    connection,
    `SELECT id, count(*) OVER () AS total FROM (${select}) ORDER BY place LIMIT ${SHOWN}`,
  );
  return { total: rows[0]?.total ?? 0, ids: rows.map((row) => row.id) };
}

function placed(row: number | undefined, id: string) {
  return row === undefined ? { id } : { row, id };
}
