import type { TensorSpec } from "@podium/shared";
import { readElements } from "@podium/shared/tensors/read-data";
import { encodeElements, show, TensorError } from "@podium/shared/tensors/tensor-bytes";
import { Rejected } from "./plan.ts";
import type { RawTensor } from "./raw-tensor.ts";

/** Deeper nesting is no tensor. */
const MAX_RANK = 32;
const LARGEST_HALF = 65_504;

/** The shape that nested lists have along their first elements; [] of a single value. */
export function nestedShape(value: unknown): number[] {
  const shape: number[] = [];
  for (let part = value; Array.isArray(part) && shape.length <= MAX_RANK; part = part[0])
    shape.push(part.length);
  return shape;
}

/**
 * An input's value in JSON as a tensor. @param isRow it lacks the first dimension, which becomes 1
 * Throws `Rejected` with a message that names the input.
 */
export function readNested({ name, datatype }: TensorSpec, value: unknown, isRow: boolean): RawTensor {
  const own = nestedShape(value);
  try {
    const elements = own.length === 0 ? [value] : readElements(value, own);
    const bytes = datatype === "FP16" ? encodeHalves(elements) : encodeElements(datatype, elements);
    return { name, datatype, shape: isRow ? [1, ...own] : own, bytes };
  } catch (error) {
    if (error instanceof TensorError) throw new Rejected(`input '${name}': ${error.message}`);
    throw error;
  }
}

/** FP16 has no JSON form in the Open Inference Protocol, but a person with curl has nothing else. */
function encodeHalves(values: unknown[]): Uint8Array {
  for (const [index, value] of values.entries()) {
    if (typeof value !== "number" || Math.abs(value) > LARGEST_HALF)
      throw new TensorError(`element ${index} (${show(value)}) is not a number that FP16 can hold`);
  }
  return new Uint8Array(new Float16Array(values as number[]).buffer as ArrayBuffer);
}
