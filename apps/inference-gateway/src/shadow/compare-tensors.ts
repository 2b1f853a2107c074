import type { TensorPart } from "@podium/shared";
import type { Answer, Tally } from "./tally.ts";

type Numbers = ArrayLike<number> | ArrayLike<bigint>;
type View = new (buffer: ArrayBuffer) => Numbers;

const VIEWS: Record<string, View> = {
  UINT8: Uint8Array,
  UINT16: Uint16Array,
  UINT32: Uint32Array,
  UINT64: BigUint64Array,
  INT8: Int8Array,
  INT16: Int16Array,
  INT32: Int32Array,
  INT64: BigInt64Array,
  FP16: Float16Array,
  FP32: Float32Array,
  FP64: Float64Array,
};

/** Compares the outputs of two answers by name; `BOOL` and `BYTES` must be equal. */
export function compareTensors(a: Answer, b: Answer, tally: Tally) {
  const others = new Map(cut(b).map((tensor) => [tensor.part.name, tensor]));
  for (const { part, bytes } of cut(a)) {
    const other = others.get(part.name);
    others.delete(part.name);
    if (!other || other.part.datatype !== part.datatype || String(other.part.shape) !== String(part.shape)) {
      tally.differ(`datatype or shape of ${part.name}`);
      continue;
    }
    compareElements(part, bytes, other.bytes, tally);
  }
  for (const name of others.keys()) tally.differ(`${name}, which only the shadow gives`);
}

function compareElements({ name, datatype }: TensorPart, a: Uint8Array, b: Uint8Array, tally: Tally) {
  const [one, other] = [numbersOf(datatype, a), numbersOf(datatype, b)];
  if (!one || !other) {
    if (Buffer.compare(a, b) !== 0) tally.differ(name);
    return;
  }
  if (one.length !== other.length) return tally.differ(`size of ${name}`);
  for (let index = 0; index < one.length; index += 1)
    tally.numbers(Number(one[index]), Number(other[index]), () => `${name}[${index}]`);
}

/** Null: the type is not one of numbers, or the bytes are not whole ones. */
function numbersOf(datatype: string, bytes: Uint8Array): Numbers | null {
  if (datatype === "BF16") return fromBrain(bytes);
  const View = VIEWS[datatype];
  if (!View) return null;
  try {
    // A copy, because a view must begin at a multiple of its element's size.
    return new View(bytes.slice().buffer as ArrayBuffer);
  } catch {
    return null;
  }
}

/** BF16 is the upper half of an FP32. */
function fromBrain(bytes: Uint8Array): Float32Array {
  const halves = new Uint16Array(bytes.slice(0, bytes.byteLength & ~1).buffer as ArrayBuffer);
  const wide = new Uint32Array(halves.length);
  for (const [index, half] of halves.entries()) wide[index] = half << 16;
  return new Float32Array(wide.buffer);
}

function cut({ answer, outputs = [] }: Answer) {
  let offset = 0;
  return outputs.map((part) => {
    const bytes = answer.subarray(offset, offset + part.length);
    offset += part.length;
    return { part, bytes };
  });
}
