import type { ModelSignature, TensorSpec } from "@podium/shared";
import { countElements, ELEMENT_BYTES } from "@podium/shared/tensors/datatype-sizes";

/** More numbers than that are no example any more; such a tensor is shown as raw bytes. */
const MAX_ELEMENTS = 256;

/** The shape of an example: one of every dimension that is open. */
export function exampleShape(spec: TensorSpec): number[] {
  return spec.shape.map((size) => (size === -1 ? 1 : size));
}

/** An Open Inference Protocol request that fits the model; undefined when JSON can't carry its inputs, or not well. */
export function exampleRequest({ inputs, outputs }: ModelSignature) {
  if (isLarge(inputs) || inputs.some(({ datatype }) => datatype === "FP16" || datatype === "BF16")) {
    return undefined;
  }
  const wanted = outputs.some(({ datatype }) => datatype === "BF16")
    ? { outputs: outputs.filter(({ datatype }) => datatype !== "BF16").map(({ name }) => ({ name })) }
    : {};
  return {
    id: "1",
    inputs: inputs.map((spec) => {
      const shape = exampleShape(spec);
      const data = Array.from({ length: countElements(shape) }, () => exampleElement(spec));
      return { name: spec.name, datatype: spec.datatype, shape, data };
    }),
    ...wanted,
  };
}

/**
 * A list of one row, as `infer` is handed it: the element of the one input, or an object by the inputs' names.
 * Undefined when it is large.
 */
export function exampleRows(inputs: readonly TensorSpec[]): unknown[] | undefined {
  if (isLarge(inputs)) return undefined;
  const [only] = inputs;
  if (only && inputs.length === 1) return [nested(only, exampleShape(only).slice(1))];
  return [Object.fromEntries(inputs.map((spec) => [spec.name, nested(spec, exampleShape(spec).slice(1))]))];
}

/** Bytes of a raw body for a model of one input; null where a raw body does not do, or does not help. */
export function rawBytes(inputs: readonly TensorSpec[]): number | null {
  const [only] = inputs;
  if (!only || inputs.length > 1 || only.datatype === "BYTES") return null;
  if (only.shape.filter((size) => size === -1).length > 1) return null;
  return countElements(exampleShape(only)) * ELEMENT_BYTES[only.datatype];
}

function isLarge(inputs: readonly TensorSpec[]): boolean {
  return inputs.some((spec) => countElements(exampleShape(spec)) > MAX_ELEMENTS);
}

function nested(spec: TensorSpec, shape: readonly number[]): unknown {
  const [size, ...rest] = shape;
  if (size === undefined) return exampleElement(spec);
  return Array.from({ length: size }, () => nested(spec, rest));
}

function exampleElement({ datatype }: TensorSpec): unknown {
  if (datatype === "BOOL") return true;
  if (datatype === "BYTES") return "text";
  return datatype.includes("INT") ? 1 : 0.5;
}
