import type { Datatype } from "./datatype-sizes.ts";

/** Raw elements that JSON can't carry; the message says why. */
export class NoJsonForm extends Error {
  override readonly name = "NoJsonForm";
}

type Write = (bytes: Uint8Array) => string;

const utf8 = new TextDecoder("utf-8", { fatal: true });

/**
 * Raw little-endian elements as the elements of a JSON list, without its brackets; integers exact, floats as they are.
 * `bytes` holds whole elements. Throws `NoJsonForm` for NaN, infinities, bytes that are no text, and BF16.
 */
export function writeElements(datatype: Datatype, bytes: Uint8Array): string {
  return WRITERS[datatype](bytes);
}

// Typed arrays have the machine's byte order; Bun runs on little-endian machines alone.
const WRITERS: Record<Datatype, Write> = {
  BOOL: (bytes) => Array.from(bytes, (byte) => byte !== 0).join(","),
  UINT8: (bytes) => bytes.join(","),
  UINT16: (bytes) => new Uint16Array(aligned(bytes)).join(","),
  UINT32: (bytes) => new Uint32Array(aligned(bytes)).join(","),
  UINT64: (bytes) => new BigUint64Array(aligned(bytes)).join(","),
  INT8: (bytes) => new Int8Array(aligned(bytes)).join(","),
  INT16: (bytes) => new Int16Array(aligned(bytes)).join(","),
  INT32: (bytes) => new Int32Array(aligned(bytes)).join(","),
  INT64: (bytes) => new BigInt64Array(aligned(bytes)).join(","),
  FP16: (bytes) => finite(new Float16Array(aligned(bytes))),
  FP32: (bytes) => finite(new Float32Array(aligned(bytes))),
  FP64: (bytes) => finite(new Float64Array(aligned(bytes))),
  BF16: () => {
    throw new NoJsonForm("BF16 has no JSON form");
  },
  BYTES: writeTexts,
};

/** A copy that begins where a typed array may begin. */
function aligned(bytes: Uint8Array): ArrayBuffer {
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
}

function finite(values: Float16Array | Float32Array | Float64Array): string {
  for (let index = 0; index < values.length; index += 1) {
    if (!Number.isFinite(values[index])) {
      throw new NoJsonForm(`element ${index} is ${values[index]}, which JSON can't carry`);
    }
  }
  return values.join(",");
}

function writeTexts(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const texts: string[] = [];
  for (let offset = 0; offset < bytes.byteLength; ) {
    const start = offset + 4;
    offset = start + view.getUint32(offset, true);
    texts.push(writeText(bytes.subarray(start, offset), texts.length));
  }
  return texts.join(",");
}

function writeText(element: Uint8Array, index: number): string {
  try {
    return JSON.stringify(utf8.decode(element));
  } catch {
    throw new NoJsonForm(`element ${index} is not UTF-8 text`);
  }
}
