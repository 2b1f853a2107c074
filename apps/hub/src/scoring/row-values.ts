import { open } from "node:fs/promises";

/** A column of the file of per-row values. */
export interface RowColumn {
  readonly name: string;
  readonly values: Float64Array | Uint8Array;
}

const BLOCK_ROWS = 65_536;

/**
 * Writes columns side by side as an npy array of float64, one row per row of the labels file and in its order, so
 * that the same row of two submissions' files is the same test input. The file must not exist.
 */
export async function writeRowValues(
  path: string,
  rows: number,
  columns: readonly RowColumn[],
): Promise<void> {
  const handle = await open(path, "wx", 0o600);
  try {
    await handle.write(npyHeader(rows, columns.length));
    for (let from = 0; from < rows; from += BLOCK_ROWS) {
      const length = Math.min(BLOCK_ROWS, rows - from);
      const block = new Float64Array(length * columns.length);
      for (const [at, { values }] of columns.entries()) {
        for (let row = 0; row < length; row += 1) {
          block[row * columns.length + at] = values[from + row] as number;
        }
      }
      await handle.write(new Uint8Array(block.buffer));
    }
  } finally {
    await handle.close();
  }
}

/** Some rows of the file that `writeRowValues` writes: `width` numbers a row, one row after another. */
export interface RowBlock {
  readonly values: Float64Array;
  readonly rows: number;
}

/** The rows of a file of row values, a block at a time. @param width  columns of the file */
export async function* readRowValues(path: string, width: number): AsyncGenerator<RowBlock> {
  await using handle = await open(path);
  const start = Buffer.alloc(10);
  await handle.read(start, 0, start.byteLength, 0);
  let at = start.byteLength + start.readUInt16LE(8);
  const rowBytes = width * Float64Array.BYTES_PER_ELEMENT;
  for (;;) {
    const bytes = new Uint8Array(BLOCK_ROWS * rowBytes);
    const { bytesRead } = await handle.read(bytes, 0, bytes.byteLength, at);
    if (bytesRead === 0) return;
    if (bytesRead % rowBytes !== 0) throw new Error(`${path} ends in the middle of a row.`);
    at += bytesRead;
    yield {
      values: new Float64Array(bytes.buffer, 0, bytesRead / Float64Array.BYTES_PER_ELEMENT),
      rows: bytesRead / rowBytes,
    };
  }
}

/** NumPy Enhancement Proposal 1, version 1.0: the header is padded so that the numbers begin at a multiple of 64. */
function npyHeader(rows: number, columns: number): Buffer {
  const dict = `{'descr': '<f8', 'fortran_order': False, 'shape': (${rows}, ${columns}), }`;
  const text = `${dict.padEnd(Math.ceil((10 + dict.length + 1) / 64) * 64 - 11)}\n`;
  const start = Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, text.length & 0xff, text.length >> 8]);
  return Buffer.concat([start, Buffer.from(text, "latin1")]);
}
