import { type FileHandle, open } from "node:fs/promises";
import { NUMBER, type PlainTarget, readPlainRows, SKIP, WHOLE } from "./plain-rows.ts";
import { requireRoom } from "./require-room.ts";
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
 * @throws as `requireRoom`, when it has more than `maxRows`
 */
export async function readPlainCsv(
  file: TableFile,
  wanted: readonly PlainColumn[],
  maxRows: number,
): Promise<{ rows: number; arrays: Numbers[] } | null> {
  const handle = await open(file.path, "r");
  try {
    const kinds = kindsOf(file.columns.length, wanted);
    const columns = createColumns(wanted, maxRows);
    const { size } = await handle.stat();
    let done = 0;
    for await (const block of lines(handle, size)) {
      const start = done === 0 ? firstRow(block) : 0;
      if (start < 0 || !readBlock(block, start, kinds, columns)) return null;
      if (done === 0) columns.expect(Math.ceil((columns.rows * size) / block.length));
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

function kindsOf(width: number, wanted: readonly PlainColumn[]): Uint8Array {
  const kinds = new Uint8Array(width).fill(SKIP);
  for (const { place, is } of wanted) kinds[place] = is === "whole" ? WHOLE : NUMBER;
  return kinds;
}

/** False where something is not plain. */
function readBlock(block: Uint8Array, start: number, kinds: Uint8Array, columns: Columns): boolean {
  for (let at = start; at < block.length; ) {
    const read = readPlainRows(block, kinds, columns.target, at, columns.rows);
    if (!read) return false;
    at = read.at;
    columns.rows = read.row;
    if (at < block.length) columns.grow();
  }
  return true;
}

type Columns = ReturnType<typeof createColumns>;

/** Arrays that grow with the rows. */
function createColumns(wanted: readonly PlainColumn[], maxRows: number) {
  const inOrder = wanted.toSorted((a, b) => a.place - b.place);
  const [wholes, numbers] = [
    inOrder.filter(({ is }) => is === "whole"),
    inOrder.filter(({ is }) => is === "number"),
  ];
  const columns = {
    rows: 0,
    target: {
      wholes: wholes.map(() => new Int32Array(0)),
      numbers: numbers.map(() => new Float64Array(0)),
      until: 0,
    } as PlainTarget,
    expect(rows: number) {
      if (rows > columns.target.until) reserve(Math.ceil(rows * 1.01) + 1_024);
    },
    grow: () => reserve(columns.target.until * 2 + 4_096),
    finish() {
      const { target, rows } = columns;
      const arrayOf = (one: PlainColumn) =>
        one.is === "whole" ? target.wholes[wholes.indexOf(one)] : target.numbers[numbers.indexOf(one)];
      return { rows, arrays: wanted.map((one) => (arrayOf(one) as Numbers).subarray(0, rows)) };
    },
  };
  const reserve = (until: number) => {
    requireRoom(until, maxRows);
    const enlarged = <T extends Numbers>(array: T, larger: T): T => {
      larger.set(array.subarray(0, columns.rows));
      return larger;
    };
    const { target } = columns;
    columns.target = {
      wholes: target.wholes.map((array) => enlarged(array, new Int32Array(until))),
      numbers: target.numbers.map((array) => enlarged(array, new Float64Array(until))),
      until,
    };
  };
  return columns;
}
