import type { Asked } from "./asked.ts";
import { type ReadSource, readSource, type Wanted } from "./read-source.ts";
import type { Source } from "./source.ts";
import { TablesDiffer } from "./tables-differ.ts";

/** What the thread is asked: to read a file with so much of the memory. */
export interface ReadRequest {
  readonly source: Source;
  readonly database: { readonly memoryBytes: number; readonly threads: number };
  readonly maxRows: number;
}

/** Its one answer. `differs`: as `TablesDiffer`. */
export type ReadAnswer =
  | { readonly read: ReadSource | null }
  | { readonly error: string; readonly differs: boolean };

/**
 * Reads both files at the same time, the predictions in a thread of their own, each with half of the database's
 * memory and threads. Null and errors as `readSource`.
 */
export async function readAtOnce(asked: Asked): Promise<readonly [ReadSource, ReadSource] | null> {
  const { sources, maxRows } = asked;
  const database = {
    memoryBytes: Math.floor(asked.database.memoryBytes / 2),
    threads: Math.floor(asked.database.threads / 2),
  };
  const thread = new Worker(new URL("./reader-thread.ts", import.meta.url));
  try {
    const [truth, guess] = await Promise.all([
      readAlone({ source: sources.labels, database, maxRows }),
      readThere(thread, { source: plainSource(sources.predictions), database, maxRows }),
    ]);
    return truth && guess && [truth, guess];
  } finally {
    thread.terminate();
  }
}

/** Reads a file with a database of its own, if it needs one. */
export async function readAlone({ source, database, maxRows }: ReadRequest): Promise<ReadSource | null> {
  const readRest = async (wanted: readonly Wanted[]) => {
    // Loading DuckDB takes a thread longer than reading a hundred megabytes of plain CSV.
    const { withLockedDatabase } = await import("./locked-database.ts");
    const { readBySql } = await import("./read-by-sql.ts");
    const options = { ...database, paths: [source.file.path] };
    return withLockedDatabase(options, (connection) => readBySql(connection, source, wanted, maxRows));
  };
  return readSource(source, readRest, maxRows);
}

async function readThere(thread: Worker, request: ReadRequest): Promise<ReadSource | null> {
  const answer = await new Promise<ReadAnswer>((resolve, reject) => {
    thread.onmessage = ({ data }: MessageEvent<ReadAnswer>) => resolve(data);
    thread.onerror = ({ message }) => reject(new Error(`The reader's thread failed: ${message}`));
    thread.postMessage(request);
  });
  if ("read" in answer) return answer.read;
  throw answer.differs ? new TablesDiffer({ cause: answer.error }) : new Error(answer.error);
}

/** Without what only its owner can do: close it. */
function plainSource(source: Source): Source {
  const { role, format, bytes, path, columns, types, newline, positional } = source.file;
  const file = { role, format, bytes, path, columns, newline, positional, ...(types && { types }) };
  return { ...source, file: file as Source["file"] };
}
