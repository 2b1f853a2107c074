import type { TensorSpec } from "../serving.ts";

/** Why a tensor is not what the model takes, in a sentence that names dimension, expected and got; null when it is. */
export function specMisfit(
  spec: TensorSpec,
  { datatype, shape }: { datatype: string; shape: readonly number[] },
): string | null {
  const { name } = spec;
  if (datatype !== spec.datatype) return `input '${name}' must be ${spec.datatype}, not ${datatype}`;
  const isRank = shape.length === spec.shape.length;
  const wrong = spec.shape.findIndex((size, dimension) => size !== -1 && size !== shape[dimension]);
  if (isRank && wrong < 0) return null;
  const expected = `input '${name}' must have shape [${spec.shape}] (-1: any size), not [${shape}]`;
  if (!isRank) return `${expected}: ${spec.shape.length} dimensions are expected, got ${shape.length}`;
  return `${expected}: dimension ${wrong} is expected to be ${spec.shape[wrong]}, got ${shape[wrong]}`;
}
