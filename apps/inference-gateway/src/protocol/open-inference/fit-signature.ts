import type { ModelSignature, TensorSpec } from "@podium/shared";
import { specMisfit } from "@podium/shared/tensors/spec-misfit";
import type { Tensor } from "./read-tensor.ts";
import { invalid, quoted } from "./request-json.ts";

/**
 * The inputs in the model's own order, so that equal calls batch together.
 * @param signature null: not known, only doubles are refused
 * Throws `invalid_request` when one is missing, unknown, given twice, or of another datatype or shape.
 */
export function fitSignature(tensors: Tensor[], signature: ModelSignature | null): Tensor[] {
  const byName = new Map<string, Tensor>();
  for (const tensor of tensors) {
    if (byName.has(tensor.name)) throw invalid(`input '${quoted(tensor.name)}' is given more than once`);
    byName.set(tensor.name, tensor);
  }
  if (!signature) return tensors;
  const ordered = signature.inputs.map((spec) => {
    const tensor = byName.get(spec.name);
    if (!tensor)
      throw invalid(`input '${spec.name}' is missing; the model takes ${namesOf(signature.inputs)}`);
    const misfit = specMisfit(spec, tensor);
    if (misfit !== null) throw invalid(misfit);
    return tensor;
  });
  if (ordered.length === tensors.length) return ordered;
  const unknown = tensors.find((tensor) => !ordered.includes(tensor));
  throw invalid(
    `input '${quoted(unknown?.name ?? "")}' is unknown; the model takes ${namesOf(signature.inputs)}`,
  );
}

export function namesOf(specs: readonly TensorSpec[]): string {
  return specs.map((spec) => `'${spec.name}'`).join(", ");
}
