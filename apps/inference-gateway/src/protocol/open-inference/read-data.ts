import { TensorError } from "./tensor-bytes.ts";

const MAX_RANK = 32;
const MAX_ELEMENTS = 2 ** 31;

/** A tensor's shape in a request: sizes from 0 up, and a number of elements that can exist. Throws `TensorError`. */
export function readShape(shape: unknown): number[] {
  if (!Array.isArray(shape)) throw new TensorError("shape must be a list of integers");
  if (shape.length > MAX_RANK)
    throw new TensorError(`shape has ${shape.length} dimensions, more than ${MAX_RANK}`);
  let elements = 1;
  for (const size of shape) {
    if (!Number.isSafeInteger(size) || size < 0 || size > MAX_ELEMENTS) {
      throw new TensorError(`shape must hold integers from 0 to ${MAX_ELEMENTS}`);
    }
    elements *= size;
  }
  if (elements > MAX_ELEMENTS) throw new TensorError(`shape [${shape}] has too many elements`);
  return shape as number[];
}

/** The elements of `data`, which is flat or nested as the shape says, row-major. Throws `TensorError`. */
export function readElements(data: unknown, shape: readonly number[]): unknown[] {
  if (!Array.isArray(data)) throw new TensorError("data must be a list");
  const expected = shape.reduce((product, size) => product * size, 1);
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
