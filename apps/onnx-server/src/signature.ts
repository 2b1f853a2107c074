import type { ModelSignature, TensorSpec } from "@podium/shared";
import type { InferenceSession } from "onnxruntime-node";
import { datatypeOf } from "./element-types.ts";
import { LoadFailure } from "./load-failure.ts";

export interface ModelTensors {
  inputs: TensorSpec[];
  outputs: TensorSpec[];
  /** outputs that are sequences or maps, and so are left out */
  left: string[];
  /** The first dimensions all are open and, as far as they have names, have the same one. */
  mayBatch: boolean;
}

/** What the model says that it takes and gives. Throws `LoadFailure` for what can't be served. */
export function tensorsOf(session: InferenceSession): ModelTensors {
  const tensors = session.outputMetadata.filter((value) => value.isTensor);
  const left = session.outputMetadata.filter((value) => !value.isTensor).map(({ name }) => name);
  if (tensors.length === 0)
    throw new LoadFailure(
      "No output of the model is a tensor: sequences and maps can't be served.",
      "Classifiers of scikit-learn: export with options={'zipmap': False}.",
    );
  const inputs = session.inputMetadata.map((value) => {
    if (value.isTensor) return specOf(value, "input");
    throw new LoadFailure(`The input '${value.name}' of the model is a sequence or map, and no tensor.`);
  });
  if (inputs.length === 0) throw new LoadFailure("The model has no inputs: there is nothing to ask it.");
  const outputs = tensors.map((value) => specOf(value, "output"));
  const firsts = [...session.inputMetadata, ...tensors].map((value) => value.isTensor && value.shape[0]);
  return { inputs, outputs, left, mayBatch: isSameOpenDimension(firsts) };
}

/** The signature as gateways and people get to know it. */
export function signatureOf({ inputs, outputs }: ModelTensors, batch: boolean): ModelSignature {
  return { inputs, outputs, batch, platform: "onnxruntime_onnx" };
}

function specOf(value: InferenceSession.TensorValueMetadata, what: string): TensorSpec {
  const { name, type, shape } = value;
  const datatype = datatypeOf(type);
  if (datatype === null)
    throw new LoadFailure(
      `The ${what} '${name}' of the model is ${type}, which can't be served.`,
      "Cast it to int8 or another common datatype inside the model.",
    );
  return { name, datatype, shape: shape.map((size) => (typeof size === "number" ? size : -1)) };
}

function isSameOpenDimension(firsts: readonly (string | number | false | undefined)[]): boolean {
  if (!firsts.every((first) => typeof first === "string")) return false;
  return new Set(firsts.filter((name) => name !== "")).size <= 1;
}
