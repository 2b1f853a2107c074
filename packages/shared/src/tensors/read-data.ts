import { countElements } from "./datatype-sizes.ts";
import { show, TensorError } from "./tensor-bytes.ts";

const MAX_RANK = 32;
const MAX_ELEMENTS = 2 ** 31;
/** Rows and the like of a tensor without elements, which no byte of the request pays for. */
const MAX_EMPTY = 65_536;

/** A tensor's shape in a request: sizes from 0 up, and a number of elements that can exist. Throws `TensorError`. */
export function readShape(shape: unknown): number[] {
  if (!Array.isArray(shape)) throw new TensorError("shape must be a list of integers");
  if (shape.length > MAX_RANK)
    throw new TensorError(`shape has ${shape.length} dimensions, more than ${MAX_RANK}`);
  let extent = 1;
  for (const [dimension, size] of shape.entries()) {
    if (!Number.isSafeInteger(size) || size < 0 || size > MAX_ELEMENTS) {
      throw new TensorError(
        `dimension ${dimension} of shape must be an integer from 0 to ${MAX_ELEMENTS}, got ${show(size)}`,
      );
    }
    if (size > 0) extent *= size;
  }
  const most = shape.includes(0) ? MAX_EMPTY : MAX_ELEMENTS;
  if (extent > most) throw new TensorError(`shape [${shape}] has too many elements`);
  return shape as number[];
}

/** The elements of `data`, which is flat or nested as the shape says, row-major. Throws `TensorError`. */
export function readElements(data: unknown, shape: readonly number[]): unknown[] {
  if (!Array.isArray(data)) throw new TensorError("data must be a list");
  const expected = countElements(shape);
  if (!Array.isArray(data[0])) {
    if (data.length !== expected) {
      throw new TensorError(`shape [${shape}] takes ${expected} elements, data has ${data.length}`);
    }
    return data;
  }
  const elements: unknown[] = [];
  flatten(data, shape, 0, elements);
  return elements;
}

function flatten(data: unknown, shape: readonly number[], depth: number, into: unknown[]) {
  if (!Array.isArray(data) || data.length !== shape[depth]) {
    const has = Array.isArray(data) ? `a list of ${data.length}` : "no list";
    throw new TensorError(
      `data is nested, but has ${has} at depth ${depth + 1} where shape [${shape}] has ${shape[depth]}`,
    );
  }
  if (depth === shape.length - 1) {
    for (const element of data) into.push(element);
    return;
  }
  for (const part of data) flatten(part, shape, depth + 1, into);
}
