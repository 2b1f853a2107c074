import { asyncBufferFromFile, type FileMetaData, parquetMetadataAsync, parquetReadObjects } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { asJson } from "./as-json.ts";
import type { RowFile } from "./row-file.ts";

/** Rows of a row group that are unpacked at once, at most: more would hold too many of them in memory. */
const WINDOW_ROWS = 16_384;

interface Window {
  from: number;
  rows: readonly unknown[];
}

/** The rows of a Parquet file, an object by its columns each, some thousands of them in memory. Rejects when it is none. */
export async function openParquet(path: string): Promise<RowFile> {
  const file = await asyncBufferFromFile(path);
  const metadata = await parquetMetadataAsync(file).catch((error: Error) => {
    throw new Error(`It can't be read as Parquet: ${error.message}`);
  });
  let window: Window = { from: 0, rows: [] };
  const windowAt = async (row: number) => {
    if (row >= window.from && row < window.from + window.rows.length) return window;
    const { from, to } = windowOf(metadata, row);
    const read = await parquetReadObjects({
      ...{ file, metadata, compressors, rowStart: from, rowEnd: to },
      // A column of bytes that nobody has said to be texts is none.
      utf8: false,
    });
    window = { from, rows: read.map((one, index) => readable(one, from + index)) };
    return window;
  };
  return {
    count: Number(metadata.num_rows),
    async read(from, to) {
      const rows: unknown[] = [];
      while (from + rows.length < to) {
        const at = from + rows.length;
        const { from: start, rows: known } = await windowAt(at);
        const more = known.slice(at - start, to - start);
        if (more.length === 0)
          throw new Error(`row ${at + 1} is not there, though the file's footer counts it.`);
        rows.push(...more);
      }
      return rows;
    },
  };
}

/** The part of the row group around a row that is read with it. */
function windowOf({ row_groups }: FileMetaData, row: number): { from: number; to: number } {
  let start = 0;
  for (const { num_rows } of row_groups) {
    const end = start + Number(num_rows);
    if (row < end) {
      const from = start + Math.floor((row - start) / WINDOW_ROWS) * WINDOW_ROWS;
      return { from, to: Math.min(end, from + WINDOW_ROWS) };
    }
    start = end;
  }
  return { from: row, to: row };
}

function readable(row: Record<string, unknown>, index: number): unknown {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, asJson(value, `row ${index + 1}: "${name}"`)]),
  );
}
