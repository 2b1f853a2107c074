import type { BatchItem, ModelSignature } from "@podium/shared";
import { isDatatype, misfitOf } from "@podium/shared/tensors/datatype-sizes";
import { specMisfit } from "@podium/shared/tensors/spec-misfit";
import { type Body, type Plan, Rejected } from "./plan.ts";
import type { RawTensor } from "./raw-tensor.ts";

/**
 * A request of tensors, as raw bytes in and out. The gateway has looked at it already, as far as it knew the model.
 * Throws `Rejected`.
 */
export function readTensors(
  { inputs: parts = [] }: BatchItem,
  bytes: Uint8Array,
  signature: ModelSignature,
): Plan {
  const given = new Map<string, RawTensor>();
  let offset = 0;
  for (const { name, datatype, shape, length } of parts) {
    const own = bytes.subarray(offset, offset + length);
    offset += length;
    if (!isDatatype(datatype)) throw new Rejected(`input '${name}' has the unknown datatype ${datatype}`);
    const misfit = misfitOf(datatype, shape, own);
    if (misfit !== null) throw new Rejected(`input '${name}': ${misfit}`);
    given.set(name, { name, datatype, shape, bytes: own });
  }
  return { runs: [inOrder(given, signature)], write: ([outputs = []]) => writeTensors(outputs) };
}

/** The tensors in the model's own order. Throws `Rejected` when one is missing, unknown or another than it takes. */
export function inOrder(given: ReadonlyMap<string, RawTensor>, { inputs }: ModelSignature): RawTensor[] {
  const names = inputs.map(({ name }) => `'${name}'`).join(", ");
  const ordered = inputs.map((spec) => {
    const tensor = given.get(spec.name);
    if (!tensor) throw new Rejected(`input '${spec.name}' is missing; the model takes ${names}`);
    const misfit = specMisfit(spec, tensor);
    if (misfit !== null) throw new Rejected(misfit);
    return tensor;
  });
  const unknown = [...given.keys()].find((name) => !inputs.some((spec) => spec.name === name));
  if (unknown !== undefined) throw new Rejected(`input '${unknown}' is unknown; the model takes ${names}`);
  return ordered;
}

function writeTensors(tensors: readonly RawTensor[]): Body {
  return {
    bytes: tensors.map(({ bytes }) => bytes),
    outputs: tensors.map(({ name, datatype, shape, bytes }) => ({
      name,
      datatype,
      shape,
      length: bytes.byteLength,
    })),
  };
}
