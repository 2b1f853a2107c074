import type { DuckDBConnection } from "@duckdb/node-api";
import type { DomainError } from "@podium/shared";
import { linesOfIds } from "./explain.ts";
import { type FileRole, fileError, quoted, quotedList } from "./file-error.ts";
import { queryRows } from "./locked-database.ts";
import type { TableColumns } from "./read-records.ts";
import type { TableFile } from "./table-file.ts";

const SHOWN = 5;

interface Source {
  readonly file: TableFile;
  readonly columns: TableColumns;
}

/** Why the ids of the loaded tables do not match one to one: duplicates first, then unknown, then missing ids. */
export async function explainMismatch(
  connection: DuckDBConnection,
  labels: Source,
  predictions: Source,
): Promise<DomainError> {
  await connection.run("DROP TABLE IF EXISTS errors; DROP TABLE IF EXISTS pairs");
  return (
    (await duplicates(connection, labels)) ??
    (await duplicates(connection, predictions)) ??
    (await unknown(connection, predictions)) ??
    (await missing(connection))
  );
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

async function missing(connection: DuckDBConnection): Promise<DomainError> {
  const { total, ids } = await firstIds(
    connection,
    "SELECT l.id AS id, l.rowid AS place FROM labels l ANTI JOIN predictions p ON p.id = l.id",
  );
  if (total === 0) throw new Error("The join found a mismatch of ids that cannot be found again.");
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
