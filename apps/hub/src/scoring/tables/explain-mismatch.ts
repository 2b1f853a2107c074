import type { DuckDBConnection } from "@duckdb/node-api";
import type { DomainError } from "@podium/shared";
import { explainFile, linesOfIds } from "./explain.ts";
import { type FileRole, fileError, quoted, quotedList } from "./file-error.ts";
import type { Sources, TablesDiffer } from "./join.ts";
import { MAX_NUMBER } from "./limits.ts";
import { isOutOfMemory, queryRows } from "./locked-database.ts";
import type { Source } from "./source.ts";

const SHOWN = 5;

/**
 * Why two files can't be scored: unreadable rows and bad values first, then repeated, unknown and missing ids.
 * Loads both files, which the happy path never does.
 * @param found  what the comparison stumbled on
 */
export async function explainMismatch(
  connection: DuckDBConnection,
  { labels, predictions }: Sources,
  values: "number" | "label",
  found: TablesDiffer,
): Promise<DomainError> {
  if (found.rule) return explainFile(predictions.file, predictions.columns, found.rule);
  return (
    (await badRow(connection, labels, values)) ??
    (await badRow(connection, predictions, values)) ??
    (await duplicates(connection, labels)) ??
    (await duplicates(connection, predictions)) ??
    (await unknown(connection, predictions)) ??
    (await missing(connection, found))
  );
}

/** Loads a file into a table named by its role and says what is wrong with a row of it, if any is. */
async function badRow(
  connection: DuckDBConnection,
  { file, columns, select }: Source,
  values: "number" | "label",
): Promise<DomainError | null> {
  try {
    await connection.run(`CREATE TABLE ${file.role} AS ${select}`);
  } catch (error) {
    if (isOutOfMemory(error)) throw error;
    return explainFile(file, columns, values, error);
  }
  const usable = values === "number" ? `count(*) FILTER (abs(value) <= ${MAX_NUMBER})` : "count(value)";
  const [seen] = await queryRows<{ rows: number; ids: number; usable: number }>(
    connection,
    `SELECT count(*) AS rows, count(id) AS ids, ${usable} AS usable FROM ${file.role}`,
  );
  if (!seen || seen.rows === 0) {
    return fileError(file.role, "empty_file", "has no rows. Write one row per id.");
  }
  return seen.ids < seen.rows || seen.usable < seen.rows ? explainFile(file, columns, values) : null;
}

async function duplicates(
  connection: DuckDBConnection,
  { file, columns }: Source,
): Promise<DomainError | null> {
  const { total, ids } = await firstIds(
    connection,
    `SELECT id, min(rowid) AS place FROM ${file.role} GROUP BY id HAVING count(*) > 1`,
  );
  const [id] = ids;
  if (id === undefined) return null;
  const lines = (await linesOfIds(file, columns, [id], 2)).get(id) ?? [];
  const more = total > 1 ? ` ${total} ids are repeated: ${quotedList(ids, total, SHOWN)}.` : "";
  const where = lines.length === 2 ? ` on lines ${lines.join(" and ")}` : "";
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

async function unknown(connection: DuckDBConnection, { file, columns }: Source): Promise<DomainError | null> {
  const { total, ids } = await firstIds(
    connection,
    "SELECT p.id AS id, p.rowid AS place FROM predictions p ANTI JOIN labels l ON p.id = l.id",
  );
  const [id] = ids;
  if (id === undefined) return null;
  const [line] = (await linesOfIds(file, columns, [id], 1)).get(id) ?? [];
  const more = total > 1 ? ` ${total} ids are unknown: ${quotedList(ids, total, SHOWN)}.` : "";
  const where = line === undefined ? "" : ` on line ${line}`;
  const rest = `has the unknown id ${quoted(id)}${where}. Predict only the ids of the test inputs, written as they are there.${more}`;
  return fileError(file.role, "unknown_ids", rest, { ...placed(line, id), ids, count: total });
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
