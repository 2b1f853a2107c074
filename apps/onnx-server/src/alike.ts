import type { RawTensor } from "./raw-tensor.ts";

/** Sums are added in another order when there are more rows; anything beyond that is another result. */
const TOLERANCE = 1e-3;
const HALF_TOLERANCE = 2e-2;

/** True when two outputs have the same shape and, up to rounding, the same elements. */
export function isAlike(one: RawTensor, other: RawTensor | undefined): boolean {
  if (!other || one.datatype !== other.datatype || String(one.shape) !== String(other.shape)) return false;
  const [a, b] = [floatsOf(one), floatsOf(other)];
  if (!a || !b) return Buffer.compare(one.bytes, other.bytes) === 0;
  const tolerance = largest(a, b) * (one.datatype === "FP16" ? HALF_TOLERANCE : TOLERANCE);
  for (let index = 0; index < a.length; index += 1) {
    const [x = 0, y = 0] = [a[index], b[index]];
    if (x !== y && !Object.is(x, y) && !(Math.abs(x - y) <= tolerance)) return false;
  }
  return true;
}

function largest(...lists: readonly Iterable<number>[]): number {
  let most = 0;
  for (const list of lists)
    for (const value of list) if (Number.isFinite(value)) most = Math.max(most, Math.abs(value));
  return most;
}

function floatsOf({ datatype, bytes }: RawTensor): Float16Array | Float32Array | Float64Array | null {
  const aligned = new Uint8Array(bytes).buffer;
  if (datatype === "FP16") return new Float16Array(aligned);
  if (datatype === "FP32") return new Float32Array(aligned);
  return datatype === "FP64" ? new Float64Array(aligned) : null;
}
