import { DomainError, type TensorPart } from "@podium/shared";
import { type Datatype, isDatatype, misfitOf } from "@podium/shared/tensors/datatype-sizes";
import type { Call } from "../../batching/call.ts";

/** A tensor that a model gave. */
export interface OutputTensor {
  name: string;
  datatype: Datatype;
  shape: readonly number[];
  bytes: Uint8Array;
}

/**
 * The tensors of a call's answer, views of its bytes. A replica is not trusted to describe them rightly.
 * Throws `model_error` when it does not.
 */
export function modelOutputs({ outputs, answer }: Call): OutputTensor[] {
  if (!Array.isArray(outputs) || outputs.length === 0) throw broken("it has no outputs");
  let offset = 0;
  const tensors = outputs.map((part: TensorPart) => {
    const tensor = cut(part, answer, offset);
    offset += part.length;
    return tensor;
  });
  if (offset !== answer.byteLength) throw broken("its outputs do not add up to its bytes");
  return tensors;
}

function cut(part: TensorPart, answer: Uint8Array, offset: number): OutputTensor {
  const { name, datatype, shape, length } = part ?? {};
  const described =
    typeof name === "string" &&
    isDatatype(datatype) &&
    Array.isArray(shape) &&
    shape.every((size) => Number.isSafeInteger(size) && size >= 0) &&
    Number.isSafeInteger(length) &&
    length >= 0 &&
    offset + length <= answer.byteLength;
  if (!described) throw broken("an output has no name, datatype, shape or length");
  const bytes = answer.subarray(offset, offset + length);
  const misfit = misfitOf(datatype, shape, bytes);
  if (misfit !== null) throw broken(`output '${name}': ${misfit}`);
  return { name, datatype, shape, bytes };
}

const broken = (why: string) =>
  new DomainError("model_error", `The model's answer is not made of tensors: ${why}.`);
