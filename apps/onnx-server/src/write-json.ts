import { countElements } from "@podium/shared/tensors/datatype-sizes";
import { NoJsonForm, writeElements } from "@podium/shared/tensors/write-elements";
import type { RawTensor } from "./raw-tensor.ts";

/** A tensor as nested lists. Throws `NoJsonForm` that names the output. */
export function jsonOf({ name, datatype, shape, bytes }: RawTensor): string {
  return nest(elementsOf({ name, datatype, shape, bytes }), shape, 0);
}

/** Each row of a tensor, as `jsonOf`. */
export function rowsJsonOf(tensor: RawTensor): string[] {
  const [rows = 0, ...rest] = tensor.shape;
  const elements = elementsOf(tensor);
  const size = countElements(rest);
  return Array.from({ length: rows }, (_, row) => nest(elements, rest, row * size));
}

function elementsOf({ name, datatype, bytes }: RawTensor): string[] {
  if (bytes.byteLength === 0) return [];
  try {
    const list = writeElements(datatype, bytes);
    return datatype === "BYTES"
      ? (JSON.parse(`[${list}]`) as string[]).map((text) => JSON.stringify(text))
      : list.split(",");
  } catch (error) {
    if (!(error instanceof NoJsonForm)) throw error;
    throw new NoJsonForm(
      `output '${name}': ${error.message}; ask for it as bytes, through /v2/models/NAME/infer`,
    );
  }
}

function nest(elements: readonly string[], shape: readonly number[], start: number): string {
  const [size, ...rest] = shape;
  if (size === undefined) return elements[start] ?? "null";
  if (rest.length === 0) return `[${elements.slice(start, start + size).join(",")}]`;
  const step = countElements(rest);
  const parts = Array.from({ length: size }, (_, index) => nest(elements, rest, start + index * step));
  return `[${parts.join(",")}]`;
}
