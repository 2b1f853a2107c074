/** The rows of a file, read piece by piece. */
export interface RowFile {
  /** how many rows there are */
  readonly count: number;
  /** Rows as JSON can have them, integers beyond 2^53 as bigint. @param to the first that is not read. Rejects with an `Error` naming the row */
  read(from: number, to: number): Promise<readonly unknown[]>;
}

/** Rows that are in memory already. */
export function rowsInMemory(rows: readonly unknown[]): RowFile {
  return { count: rows.length, read: async (from, to) => rows.slice(from, to) };
}
