import type { FileHandle } from "node:fs/promises";
import { type FileRole, fileError, quoted } from "./file-error.ts";
import { MAX_COLUMNS, MAX_ROWS } from "./limits.ts";
import { bufferedWriter, temporaryFile } from "./temporary-file.ts";

/** What the header of an npy file says (NumPy Enhancement Proposal 1). */
interface NpyHeader {
  readonly rows: number;
  readonly columns: number;
  readonly itemBytes: number;
  readonly read: (view: DataView, at: number) => string;
  /** Where the numbers begin. */
  readonly offset: number;
}

const MAX_HEADER_BYTES = 64 * 1024;
const BLOCK_BYTES = 4 * 1024 * 1024;

/**
 * Writes an array of numbers or short texts as a CSV without ids, columns `c0`, `c1` …, one row per row. Python
 * objects are refused: reading those would run code that is in the file.
 * @returns the CSV, in a temporary file, and its number of columns
 * @throws DomainError for what is no such array
 */
export async function csvOfNpy(
  handle: FileHandle,
  role: FileRole,
  bytes: number,
): Promise<{ handle: FileHandle; columns: number }> {
  const header = await readHeader(handle, role);
  const rowBytes = header.itemBytes * header.columns;
  if (header.offset + header.rows * rowBytes !== bytes) {
    const rest = `is cut off or padded: an array of ${header.rows} rows has ${header.offset + header.rows * rowBytes} bytes, this file has ${bytes}.`;
    throw fileError(role, "not_parseable", rest);
  }
  const csv = await temporaryFile();
  try {
    const { write, flush } = bufferedWriter(csv);
    await write(`${Array.from({ length: header.columns }, (_, at) => `c${at}`).join(",")}\n`);
    const blockRows = Math.max(1, Math.floor(BLOCK_BYTES / rowBytes));
    const block = Buffer.alloc(blockRows * rowBytes);
    for (let row = 0; row < header.rows; row += blockRows) {
      const rows = Math.min(blockRows, header.rows - row);
      await readFully(handle, block.subarray(0, rows * rowBytes), header.offset + row * rowBytes);
      await write(textOf(block, rows, header));
    }
    await flush();
    return { handle: csv, columns: header.columns };
  } catch (error) {
    await csv.close();
    throw error;
  }
}

function textOf(block: Buffer, rows: number, { columns, itemBytes, read }: NpyHeader): string {
  const view = new DataView(block.buffer, block.byteOffset, block.byteLength);
  const lines: string[] = [];
  for (let row = 0; row < rows; row += 1) {
    const cells: string[] = [];
    for (let column = 0; column < columns; column += 1) {
      cells.push(read(view, (row * columns + column) * itemBytes));
    }
    lines.push(cells.join(","));
  }
  return `${lines.join("\n")}\n`;
}

async function readHeader(handle: FileHandle, role: FileRole): Promise<NpyHeader> {
  const start = Buffer.alloc(MAX_HEADER_BYTES);
  const { bytesRead } = await handle.read(start, 0, MAX_HEADER_BYTES, 0);
  const version = start[6] ?? 0;
  const lengthBytes = version === 1 ? 2 : 4;
  const offset = 8 + lengthBytes + (version === 1 ? start.readUInt16LE(8) : start.readUInt32LE(8));
  const text = start.toString("latin1", 8 + lengthBytes, offset);
  const shape = /'shape'\s*:\s*\(([\d\s,]*)\)/.exec(text)?.[1];
  const fortran = /'fortran_order'\s*:\s*True/.test(text);
  if (version < 1 || version > 3 || offset > bytesRead || shape === undefined) {
    throw fileError(role, "not_parseable", "has no header that npy files have. Write it with numpy.save.");
  }
  const [rows = 0, columns = 1, ...more] = shape
    .split(",")
    .flatMap((n) => (n.trim() === "" ? [] : [Number(n)]));
  if (more.length > 0 || shape.trim() === "" || columns < 1) {
    const rest = `has the shape (${shape}). Save an array of one or two dimensions, one row per test input.`;
    throw fileError(role, "wrong_shape", rest);
  }
  if (rows > MAX_ROWS || columns > MAX_COLUMNS) {
    throw fileError(role, "too_large", `has the shape (${shape}), which is more than is read.`);
  }
  if (fortran && columns > 1) {
    const rest = "is stored column by column. Save numpy.ascontiguousarray(array) instead.";
    throw fileError(role, "wrong_type", rest);
  }
  return { rows, columns, offset, ...itemOf(text, role) };
}

function itemOf(text: string, role: FileRole): Pick<NpyHeader, "itemBytes" | "read"> {
  const type = /'descr'\s*:\s*'([<>|=])([a-zA-Z])(\d+)'/.exec(text);
  const size = Number(type?.[3]);
  const little = type?.[1] !== ">";
  const read = type ? READERS[`${type[2]}${type[2] === "U" || type[2] === "S" ? "" : size}`] : undefined;
  if (type && read && size > 0 && size <= 4_096) {
    const itemBytes = type[2] === "U" ? size * 4 : size;
    return { itemBytes, read: (view, at) => read(view, at, little, size) };
  }
  const descr = /'descr'\s*:\s*('[^']*'|\[.*\])/.exec(text)?.[1] ?? "";
  if (/^'\|?O/.test(descr)) {
    const rest =
      "holds Python objects, which are never unpickled. Save an array of numbers: array.astype(float).";
    throw fileError(role, "wrong_type", rest);
  }
  const rest = `holds values of the type ${quoted(descr)}. Save floats, integers, booleans or texts.`;
  throw fileError(role, "wrong_type", rest);
}

type Reader = (view: DataView, at: number, little: boolean, size: number) => string;

const READERS: Record<string, Reader> = {
  f4: (view, at, little) => String(view.getFloat32(at, little)),
  f8: (view, at, little) => String(view.getFloat64(at, little)),
  i1: (view, at) => String(view.getInt8(at)),
  i2: (view, at, little) => String(view.getInt16(at, little)),
  i4: (view, at, little) => String(view.getInt32(at, little)),
  i8: (view, at, little) => String(view.getBigInt64(at, little)),
  u1: (view, at) => String(view.getUint8(at)),
  u2: (view, at, little) => String(view.getUint16(at, little)),
  u4: (view, at, little) => String(view.getUint32(at, little)),
  u8: (view, at, little) => String(view.getBigUint64(at, little)),
  b1: (view, at) => (view.getUint8(at) === 0 ? "0" : "1"),
  U: (view, at, little, size) => {
    const points = Array.from({ length: size }, (_, place) => view.getUint32(at + place * 4, little));
    const valid = points.map((point) => (point > 0x10ffff ? 0xfffd : point));
    return cell(String.fromCodePoint(...valid));
  },
  S: (view, at, _little, size) =>
    cell(new TextDecoder().decode(new Uint8Array(view.buffer, view.byteOffset + at, size))),
};

/** A CSV cell; numpy pads texts with zeros at their end. */
function cell(padded: string): string {
  return `"${padded.replace(/\0+$/, "").replaceAll('"', '""')}"`;
}

async function readFully(handle: FileHandle, into: Buffer, position: number): Promise<void> {
  for (let done = 0; done < into.byteLength; ) {
    const { bytesRead } = await handle.read(into, done, into.byteLength - done, position + done);
    if (bytesRead === 0) throw new Error("The array file shrank while it was read.");
    done += bytesRead;
  }
}
