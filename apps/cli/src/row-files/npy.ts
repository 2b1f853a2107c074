import { type FileHandle, open } from "node:fs/promises";
import { asJson } from "./as-json.ts";
import type { RowFile } from "./row-file.ts";

/** What the header of an npy file says (NumPy Enhancement Proposal 1). */
interface Header {
  rows: number;
  /** of one row; [] for a number a row */
  shape: number[];
  itemBytes: number;
  read: (view: DataView, at: number) => unknown;
  /** where the numbers begin */
  offset: number;
}

const MAX_HEADER_BYTES = 64 * 1024;
const MAX_ITEM_BYTES = 4_096;

/**
 * The rows of an array that numpy.save wrote: of one dimension a value each, of more nested lists. Python objects are
 * refused: reading those would run code that is in the file. Rejects with an `Error` for what is no such array.
 */
export async function openNpy(path: string): Promise<RowFile> {
  const header = await withFile(path, async (file) => {
    const read = await readHeader(file);
    const bytes = read.offset + read.rows * bytesOfRow(read);
    const { size } = await file.stat();
    if (size === bytes) return read;
    throw new Error(`It is cut off or padded: its array takes ${bytes} bytes, the file has ${size}.`);
  });
  const rowBytes = bytesOfRow(header);
  return {
    count: header.rows,
    read: (from, to) =>
      withFile(path, async (file) => {
        const bytes = Buffer.alloc((to - from) * rowBytes);
        await readFully(file, bytes, header.offset + from * rowBytes);
        const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
        return Array.from({ length: to - from }, (_, row) =>
          asJson(nested(header, header.shape, view, row * rowBytes), `row ${from + row + 1}`),
        );
      }),
  };
}

async function withFile<T>(path: string, use: (file: FileHandle) => Promise<T>): Promise<T> {
  const file = await open(path);
  try {
    return await use(file);
  } finally {
    await file.close();
  }
}

const bytesOfRow = ({ shape, itemBytes }: Header) => shape.reduce((all, size) => all * size, itemBytes);

function nested(header: Header, shape: readonly number[], view: DataView, at: number): unknown {
  const [size, ...rest] = shape;
  if (size === undefined) return header.read(view, at);
  const step = rest.reduce((all, one) => all * one, header.itemBytes);
  return Array.from({ length: size }, (_, index) => nested(header, rest, view, at + index * step));
}

async function readHeader(file: FileHandle): Promise<Header> {
  const start = Buffer.alloc(MAX_HEADER_BYTES);
  const { bytesRead } = await file.read(start, 0, MAX_HEADER_BYTES, 0);
  const version = start[6] ?? 0;
  const isNumpy = start.toString("latin1", 0, 6) === "\x93NUMPY" && version >= 1 && version <= 3;
  const offset = version === 1 ? 10 + start.readUInt16LE(8) : 12 + start.readUInt32LE(8);
  const text = start.toString("latin1", version === 1 ? 10 : 12, offset);
  const shape = /'shape'\s*:\s*\(([\d\s,]*)\)/.exec(text)?.[1];
  if (!isNumpy || offset > bytesRead || shape === undefined)
    throw new Error("It has no header that npy files have. Write it with numpy.save.");
  const [rows, ...more] = shape.split(",").flatMap((size) => (size.trim() === "" ? [] : [Number(size)]));
  if (rows === undefined)
    throw new Error("It holds one value without a dimension. Save an array, one row a prediction.");
  if (/'fortran_order'\s*:\s*True/.test(text) && more.length > 0)
    throw new Error("It is stored column by column. Save numpy.ascontiguousarray(array) instead.");
  return { rows, shape: more, offset, ...itemOf(text) };
}

function itemOf(text: string): Pick<Header, "itemBytes" | "read"> {
  const [, order, kind = "", digits] = /'descr'\s*:\s*'([<>|=])([a-zA-Z])(\d+)'/.exec(text) ?? [];
  const size = Number(digits);
  const read = READERS[kind === "U" || kind === "S" ? kind : kind + size];
  if (read && size > 0 && size <= MAX_ITEM_BYTES)
    return {
      itemBytes: kind === "U" ? size * 4 : size,
      read: (view, at) => read(view, at, order !== ">", size),
    };
  const descr = /'descr'\s*:\s*('[^']*'|\[.*\])/.exec(text)?.[1] ?? "";
  if (/^'\|?O/.test(descr))
    throw new Error(
      "It holds Python objects, which are never unpickled. Save an array of numbers: array.astype(float).",
    );
  throw new Error(
    `It holds values of the type ${descr.slice(0, 60)}. Save floats, integers, booleans or texts.`,
  );
}

type Reader = (view: DataView, at: number, little: boolean, size: number) => unknown;

const READERS: Record<string, Reader> = {
  f2: (view, at, little) => half(view.getUint16(at, little)),
  f4: (view, at, little) => view.getFloat32(at, little),
  f8: (view, at, little) => view.getFloat64(at, little),
  i1: (view, at) => view.getInt8(at),
  i2: (view, at, little) => view.getInt16(at, little),
  i4: (view, at, little) => view.getInt32(at, little),
  i8: (view, at, little) => view.getBigInt64(at, little),
  u1: (view, at) => view.getUint8(at),
  u2: (view, at, little) => view.getUint16(at, little),
  u4: (view, at, little) => view.getUint32(at, little),
  u8: (view, at, little) => view.getBigUint64(at, little),
  b1: (view, at) => view.getUint8(at) !== 0,
  U: (view, at, little, size) => {
    const points = Array.from({ length: size }, (_, place) => view.getUint32(at + place * 4, little));
    return unpadded(String.fromCodePoint(...points.map((point) => (point > 0x10ffff ? 0xfffd : point))));
  },
  S: (view, at, _little, size) =>
    unpadded(new TextDecoder().decode(new Uint8Array(view.buffer, view.byteOffset + at, size))),
};

/** IEEE 754 binary16. */
function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** numpy pads texts with zeros at their end. */
const unpadded = (text: string) => text.replace(/\0+$/, "");

async function readFully(file: FileHandle, into: Buffer, position: number): Promise<void> {
  for (let done = 0; done < into.byteLength; ) {
    const { bytesRead } = await file.read(into, done, into.byteLength - done, position + done);
    if (bytesRead === 0) throw new Error("The array file shrank while it was read.");
    done += bytesRead;
  }
}
