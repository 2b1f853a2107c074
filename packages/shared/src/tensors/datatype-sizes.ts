import { DATATYPES } from "../serving.ts";

export type Datatype = (typeof DATATYPES)[number];

/** Bytes of one element; 0 for BYTES, whose elements say their own lengths. */
export const ELEMENT_BYTES: Record<Datatype, number> = {
  BOOL: 1,
  UINT8: 1,
  UINT16: 2,
  UINT32: 4,
  UINT64: 8,
  INT8: 1,
  INT16: 2,
  INT32: 4,
  INT64: 8,
  FP16: 2,
  FP32: 4,
  FP64: 8,
  BF16: 2,
  BYTES: 0,
};

export function isDatatype(value: unknown): value is Datatype {
  return DATATYPES.some((datatype) => datatype === value);
}

export function countElements(shape: readonly number[]): number {
  let elements = 1;
  for (const size of shape) elements *= size;
  return elements;
}

/** What is wrong with raw bytes as a tensor of this datatype and shape; null when they hold exactly its elements. */
export function misfitOf(datatype: Datatype, shape: readonly number[], bytes: Uint8Array): string | null {
  const elements = countElements(shape);
  if (datatype === "BYTES") return textsMisfit(elements, shape, bytes);
  const expected = elements * ELEMENT_BYTES[datatype];
  if (bytes.byteLength === expected) return null;
  return `${datatype} of shape [${shape}] takes ${expected} bytes, not ${bytes.byteLength}`;
}

/** BYTES: per element a u32 length, then so many bytes. */
function textsMisfit(elements: number, shape: readonly number[], bytes: Uint8Array): string | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let offset = 0;
  for (let element = 0; element < elements; element += 1) {
    const length = offset + 4 <= bytes.byteLength ? view.getUint32(offset, true) : -1;
    if (length < 0 || offset + 4 + length > bytes.byteLength) {
      return `BYTES of shape [${shape}] has ${elements} elements, but the ${bytes.byteLength} bytes end within element ${element}`;
    }
    offset += 4 + length;
  }
  if (offset === bytes.byteLength) return null;
  return `BYTES of shape [${shape}] has ${elements} elements in ${offset} bytes, but there are ${bytes.byteLength}`;
}
