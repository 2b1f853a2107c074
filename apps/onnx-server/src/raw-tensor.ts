import type { Datatype } from "@podium/shared/tensors/datatype-sizes";
import { countElements, ELEMENT_BYTES } from "@podium/shared/tensors/datatype-sizes";

/** A tensor as it travels: raw little-endian bytes, row-major; BYTES: per element a u32 length, then the bytes. */
export interface RawTensor {
  name: string;
  datatype: Datatype;
  shape: number[];
  bytes: Uint8Array;
}

/** Tensors that differ in their first dimension alone, one after the other. Copies their bytes. */
export function joinRows(parts: readonly RawTensor[]): RawTensor {
  const [first] = parts;
  if (!first) throw new Error("There is nothing to join.");
  const rows = parts.reduce((sum, { shape }) => sum + (shape[0] ?? 0), 0);
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.bytes.byteLength, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part.bytes, offset);
    offset += part.bytes.byteLength;
  }
  return { ...first, shape: [rows, ...first.shape.slice(1)], bytes };
}

/** The other way round: views of the first `counts[0]` rows, the next `counts[1]`, and so on. */
export function splitRows(tensor: RawTensor, counts: readonly number[]): RawTensor[] {
  const { datatype, shape, bytes } = tensor;
  const rest = shape.slice(1);
  const elements = countElements(rest);
  const isText = datatype === "BYTES";
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let start = 0;
  return counts.map((rows) => {
    let end = start + rows * elements * ELEMENT_BYTES[datatype];
    if (isText) for (let left = rows * elements; left > 0; left -= 1) end += 4 + view.getUint32(end, true);
    const part = { ...tensor, shape: [rows, ...rest], bytes: bytes.subarray(start, end) };
    start = end;
    return part;
  });
}
