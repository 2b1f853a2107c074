import type { Datatype } from "./datatype-sizes.ts";

/** A value that does not fit its datatype; the message says which and why. */
export class TensorError extends Error {
  override readonly name = "TensorError";
}

const utf8 = new TextEncoder();

type Encode = (values: unknown[]) => Uint8Array;

/**
 * Elements of a JSON tensor as raw little-endian bytes, row-major; BYTES: per element a u32 length and the UTF-8 text.
 * Integers are exact over their whole range when `values` came from `parseExact`. Throws `TensorError`.
 */
export function encodeElements(datatype: Datatype, values: unknown[]): Uint8Array {
  return ENCODERS[datatype](values);
}

// Typed arrays have the machine's byte order; Bun runs on little-endian machines alone.
const ENCODERS: Record<Datatype, Encode> = {
  BOOL: (values) => {
    const bytes = new Uint8Array(values.length);
    for (const [index, value] of values.entries()) bytes[index] = boolean(value, index) ? 1 : 0;
    return bytes;
  },
  UINT8: (values) => integers(values, new Uint8Array(values.length), 0, 255),
  UINT16: (values) => integers(values, new Uint16Array(values.length), 0, 65_535),
  UINT32: (values) => integers(values, new Uint32Array(values.length), 0, 4_294_967_295),
  UINT64: (values) => wideIntegers(values, new BigUint64Array(values.length), 0n, 2n ** 64n - 1n),
  INT8: (values) => integers(values, new Int8Array(values.length), -128, 127),
  INT16: (values) => integers(values, new Int16Array(values.length), -32_768, 32_767),
  INT32: (values) => integers(values, new Int32Array(values.length), -2_147_483_648, 2_147_483_647),
  INT64: (values) => wideIntegers(values, new BigInt64Array(values.length), -(2n ** 63n), 2n ** 63n - 1n),
  FP16: () => {
    throw new TensorError("FP16 has no JSON form; send it as binary data");
  },
  BF16: () => {
    throw new TensorError("BF16 has no JSON form; send it as binary data");
  },
  FP32: (values) => {
    const floats = floatsInto(values, new Float32Array(values.length));
    for (let index = 0; index < floats.length; index += 1) {
      if (!Number.isFinite(floats[index]))
        throw new TensorError(`element ${index} (${values[index]}) is too large for FP32`);
    }
    return bytesOf(floats);
  },
  FP64: (values) => bytesOf(floatsInto(values, new Float64Array(values.length))),
  BYTES: encodeTexts,
};

interface NumberArray {
  readonly buffer: ArrayBufferLike;
  readonly byteOffset: number;
  readonly byteLength: number;
  [index: number]: number;
}

function integers(values: unknown[], into: NumberArray, least: number, most: number): Uint8Array {
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index];
    if (typeof value !== "number" || !Number.isInteger(value) || value < least || value > most) {
      throw new TensorError(`element ${index} (${show(value)}) is not an integer from ${least} to ${most}`);
    }
    into[index] = value;
  }
  return bytesOf(into);
}

function wideIntegers(
  values: unknown[],
  into: BigInt64Array | BigUint64Array,
  least: bigint,
  most: bigint,
): Uint8Array {
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index];
    const exact = typeof value === "bigint" || Number.isSafeInteger(value);
    const wide = exact ? BigInt(value as bigint | number) : null;
    if (wide === null || wide < least || wide > most) {
      throw new TensorError(`element ${index} (${show(value)}) is not an integer from ${least} to ${most}`);
    }
    into[index] = wide;
  }
  return bytesOf(into);
}

function floatsInto<T extends NumberArray>(values: unknown[], into: T): T {
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index];
    if (typeof value === "number" && Number.isFinite(value)) into[index] = value;
    else if (typeof value === "bigint") into[index] = Number(value);
    else throw new TensorError(`element ${index} (${show(value)}) is not a finite number`);
  }
  return into;
}

function encodeTexts(values: unknown[]): Uint8Array {
  const texts = values.map((value, index) => {
    if (typeof value !== "string") throw new TensorError(`element ${index} (${show(value)}) is not a text`);
    return utf8.encode(value);
  });
  const bytes = new Uint8Array(texts.reduce((sum, text) => sum + 4 + text.byteLength, 0));
  const view = new DataView(bytes.buffer);
  let offset = 0;
  for (const text of texts) {
    view.setUint32(offset, text.byteLength, true);
    bytes.set(text, offset + 4);
    offset += 4 + text.byteLength;
  }
  return bytes;
}

function boolean(value: unknown, index: number): boolean {
  if (typeof value === "boolean") return value;
  throw new TensorError(`element ${index} (${show(value)}) is not true or false`);
}

function bytesOf({
  buffer,
  byteOffset,
  byteLength,
}: Omit<NumberArray, number> | BigInt64Array | BigUint64Array) {
  return new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);
}

/** Enough of a wrong value to recognise it by. A list or an object may be too deep to be written. */
export function show(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && value !== null) return "an object";
  const text = typeof value === "string" ? JSON.stringify(value) : String(value);
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
