import { type FileHandle, open } from "node:fs/promises";
import { PlainCells } from "./plain-cells.ts";
import type { Numbers } from "./stream.ts";
import type { TableFile } from "./table-file.ts";

const BLOCK_BYTES = 4 * 1024 * 1024;
const LINE_END = 10;

/** A column that is read: `whole` numbers as ids and small labels are, or any `number`. */
export interface PlainColumn {
  readonly place: number;
  readonly is: "whole" | "number";
}

/**
 * Columns of plain CSV: no quotes, nothing but numbers in the columns that are read, ASCII in the others, lines that
 * end with LF. Several times faster than a reader that allows for everything else. Null where anything else is found:
 * whoever reads it then says what is wrong, if something is.
 * @param requireMemory  throws when so many rows would take too much
 */
export async function readPlainCsv(
  file: TableFile,
  wanted: readonly PlainColumn[],
  requireMemory: (rows: number) => void,
): Promise<{ rows: number; arrays: Numbers[] } | null> {
  const handle = await open(file.path, "r");
  try {
    const columns = createColumns(wanted, requireMemory);
    const parse = rowParser(file.columns.length, wanted, columns);
    const { size } = await handle.stat();
    let done = 0;
    for await (const block of lines(handle, size)) {
      const start = done === 0 ? firstRow(block) : 0;
      if (start < 0 || !parse(block, start)) return null;
      if (done === 0) columns.expect(Math.ceil((columns.rows() * size) / block.length));
      done += block.length;
    }
    // Less than the whole file: a line that is longer than a block.
    return done >= size ? columns.finish() : null;
  } finally {
    await handle.close();
  }
}

/** The file in blocks of whole lines; the last one gets a line end if it lacks one. Ends early at a longer line. */
async function* lines(handle: FileHandle, size: number): AsyncGenerator<Uint8Array> {
  const buffer = new Uint8Array(BLOCK_BYTES + 1);
  let held = 0;
  for (let position = 0; position < size; ) {
    const { bytesRead } = await handle.read(buffer, held, BLOCK_BYTES - held, position);
    if (bytesRead === 0) return;
    position += bytesRead;
    held += bytesRead;
    if (position >= size && buffer[held - 1] !== LINE_END) {
      buffer[held] = LINE_END;
      held += 1;
    }
    const end = buffer.lastIndexOf(LINE_END, held - 1) + 1;
    if (end === 0) return;
    yield buffer.subarray(0, end);
    buffer.copyWithin(0, end, held);
    held -= end;
  }
}

/** Where the rows begin, behind a header of one line; −1 when a name is quoted, which may hold a line end. */
function firstRow(block: Uint8Array): number {
  const end = block.indexOf(LINE_END);
  return end < 0 || block.subarray(0, end).includes(34) ? -1 : end + 1;
}

function rowParser(width: number, wanted: readonly PlainColumn[], columns: ReturnType<typeof createColumns>) {
  const slots = Array.from({ length: width }, (_, place) => wanted.findIndex((one) => one.place === place));
  const isWhole = wanted.map((one) => one.is === "whole");
  return (block: Uint8Array, start: number): boolean => {
    const cells = new PlainCells(block);
    cells.at = start;
    while (cells.at < block.length) {
      const { row, arrays } = columns.next();
      for (let place = 0; place < width; place += 1) {
        const slot = slots[place] as number;
        if (slot < 0) {
          if (!cells.skip()) return false;
        } else {
          const value = isWhole[slot] ? cells.whole() : cells.number();
          // Not `<`: a NaN must not pass. Negative numbers pass, as numbers.
          if (isWhole[slot] ? value < 0 : Number.isNaN(value)) return false;
          (arrays[slot] as Numbers)[row] = value;
        }
        if (!cells.end(place === width - 1)) return false;
      }
    }
    return true;
  };
}

/** Arrays that grow with the rows. */
function createColumns(wanted: readonly PlainColumn[], requireMemory: (rows: number) => void) {
  let capacity = 0;
  let count = 0;
  let arrays: Numbers[] = wanted.map(() => new Int32Array(0));
  const grow = (rows: number) => {
    if (rows <= capacity) return;
    requireMemory(rows);
    arrays = wanted.map(({ is }, at) => {
      const larger = is === "whole" ? new Int32Array(rows) : new Float64Array(rows);
      larger.set((arrays[at] as Numbers).subarray(0, count));
      return larger;
    });
    capacity = rows;
  };
  const place = { row: 0, arrays };
  return {
    rows: () => count,
    expect: (rows: number) => grow(Math.ceil(rows * 1.01) + 1_024),
    next: () => {
      if (count === capacity) grow(capacity * 2 + 4_096);
      place.row = count;
      place.arrays = arrays;
      count += 1;
      return place;
    },
    finish: () => ({ rows: count, arrays: arrays.map((array) => array.subarray(0, count)) }),
  };
}
