import { open, rename, writeFile } from "node:fs/promises";
import type { SpoolRecord } from "@podium/shared";
import { z } from "zod";
import { readIfThere } from "../data/files.ts";
import type { StoredLine } from "./spool.ts";

const READ_BYTES = 1024 * 1024;

const cursorSchema = z.object({
  acked_seq: z.number().int().nonnegative(),
  offset: z.number().int().nonnegative(),
});
export type Cursor = z.infer<typeof cursorSchema>;

/** How far the hub has acknowledged. It may lag behind (not synced to disk): the hub drops what it already has. */
export async function readCursor(path: string): Promise<Cursor> {
  try {
    return cursorSchema.parse(JSON.parse((await readIfThere(path)) ?? ""));
  } catch {
    return { acked_seq: 0, offset: 0 };
  }
}

export async function saveCursor(path: string, cursor: Cursor) {
  await writeFile(`${path}.new`, JSON.stringify(cursor), { mode: 0o600 });
  await rename(`${path}.new`, path);
}

export interface PlacedRecord {
  record: SpoolRecord;
  /** byte of the spool behind it */
  end: number;
}

/**
 * Records from `offset` on: at most `max`, about a megabyte, and always at least one if there is one.
 * `durableBytes` bounds what is read to what is safely on the disk. `end` is where the next read begins.
 */
export async function readRecords(
  path: string,
  offset: number,
  durableBytes: number,
  max: number,
): Promise<{ records: PlacedRecord[]; end: number }> {
  const available = durableBytes - offset;
  if (available <= 0) return { records: [], end: offset };
  const file = await open(path, "r");
  try {
    for (let size = Math.min(READ_BYTES, available); ; size = Math.min(size * 4, available)) {
      const bytes = Buffer.allocUnsafe(size);
      const { bytesRead } = await file.read(bytes, 0, size, offset);
      const found = cutLines(bytes.subarray(0, bytesRead), offset, max);
      if (found.end > offset || size === available) return found;
    }
  } finally {
    await file.close();
  }
}

function cutLines(bytes: Buffer, offset: number, max: number) {
  const records: PlacedRecord[] = [];
  let start = 0;
  for (let end = bytes.indexOf(10); end >= 0 && records.length < max; end = bytes.indexOf(10, start)) {
    const line = JSON.parse(bytes.toString("utf8", start, end)) as StoredLine;
    start = end + 1;
    if (line.record) records.push({ record: line.record, end: offset + start });
  }
  return { records, end: offset + start };
}
