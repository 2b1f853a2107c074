import { DomainError } from "@podium/shared";
import { NoJsonForm, writeElements } from "@podium/shared/tensors/write-elements";
import type { Call } from "../../batching/call.ts";
import { BinaryBody } from "../protocol.ts";
import { modelOutputs, type OutputTensor } from "./model-outputs.ts";
import type { InferRequest } from "./read-infer.ts";
import { noJsonForm } from "./read-outputs.ts";

interface Chosen {
  tensor: OutputTensor;
  binary: boolean;
}

/**
 * The protocol's answer with the outputs that were asked for, in the order asked, each in JSON or behind it as raw bytes.
 * Throws `model_error` when the model gave no such output or one that the form asked for can't carry.
 */
export function writeInfer(call: Call, request: InferRequest, model: string): Uint8Array | BinaryBody {
  const chosen = choose(modelOutputs(call), request);
  const id = request.id === null ? "" : `"id":${JSON.stringify(request.id)},`;
  const outputs = chosen.map(writeOutput).join(",");
  const json = Buffer.from(
    `{"model_name":${JSON.stringify(model)},"model_version":"${call.version}",${id}"outputs":[${outputs}]}`,
  );
  const binary = chosen.filter((one) => one.binary);
  return binary.length === 0
    ? json
    : new BinaryBody(
        json,
        binary.map((one) => one.tensor.bytes),
      );
}

function choose(tensors: OutputTensor[], { outputs, binary }: InferRequest): Chosen[] {
  if (!outputs) return tensors.map((tensor) => ({ tensor, binary }));
  return outputs.map((choice) => {
    const tensor = tensors.find(({ name }) => name === choice.name);
    if (!tensor) throw new DomainError("model_error", `The model gave no output '${choice.name}'.`);
    return { tensor, binary: choice.binary };
  });
}

function writeOutput({ tensor, binary }: Chosen): string {
  const { name, datatype, shape, bytes } = tensor;
  const start = `{"name":${JSON.stringify(name)},"datatype":"${datatype}","shape":[${shape}]`;
  if (binary) return `${start},"parameters":{"binary_data_size":${bytes.byteLength}}}`;
  if (datatype === "BF16") throw new DomainError("invalid_request", noJsonForm(name));
  try {
    return `${start},"data":[${writeElements(datatype, bytes)}]}`;
  } catch (error) {
    if (!(error instanceof NoJsonForm)) throw error;
    const hint = "Ask for it as raw bytes with the parameter binary_data: true.";
    throw new DomainError("model_error", `Output '${name}': ${error.message}. ${hint}`);
  }
}
