import type { ModelSignature, TensorPart } from "@podium/shared";
import type { Work } from "../../batching/call.ts";
import {
  readTimeout,
  sharesParameters,
  takesParameters,
  textOf,
  withParameters,
} from "../model-parameters.ts";
import { splitBody } from "./binary-data.ts";
import { fitSignature } from "./fit-signature.ts";
import { readRawInput } from "./raw-input.ts";
import { type OutputChoice, readOutputs } from "./read-outputs.ts";
import { readFlag, readParameters } from "./read-parameters.ts";
import { readTensor, type Tensor } from "./read-tensor.ts";
import { invalid, type Json, readObject } from "./request-json.ts";

/** More inputs than any model has. */
const MAX_INPUTS = 1_000;

export interface InferRequest {
  /** echoed in the answer */
  id: string | null;
  /** the outputs that are wanted; null: all */
  outputs: OutputChoice[] | null;
  /** with all outputs: as raw bytes */
  binary: boolean;
  work: Work;
}

/**
 * Reads an Open Inference Protocol v2 request, whose tensors come as JSON, as raw bytes behind the JSON, or mixed.
 * @param headerLength `Inference-Header-Content-Length` as it was sent; "0": the body is the one input's raw bytes
 * @param signature what the model takes; null: not known, only the request itself is checked
 * Throws `invalid_request` with a message that names the tensor.
 */
export function readInfer(
  body: Uint8Array,
  headerLength: string | null,
  signature: ModelSignature | null,
): InferRequest {
  if (headerLength === "0") {
    const work = tensorWork([readRawInput(body, signature)], null, signature);
    return { id: null, outputs: null, binary: true, work };
  }
  const { json, binary } = splitBody(body, headerLength);
  const request = readObject(json);
  const { id = null, inputs } = request;
  if (id !== null && typeof id !== "string") throw invalid("id must be a text");
  if (!Array.isArray(inputs) || inputs.length === 0)
    throw invalid("inputs must be a list of at least one tensor");
  if (inputs.length > MAX_INPUTS)
    throw invalid(`inputs has ${inputs.length} tensors, more than ${MAX_INPUTS}`);
  const parameters = readParameters(request["parameters"], "parameters");
  const wantsBinary = readFlag(parameters, "binary_data_output", "parameters") ?? false;
  const tensors = inputs.map((input, index) => readTensor(input, index, binary));
  binary?.expectEnd();
  const work = tensorWork(fitSignature(tensors, signature), parameters, signature);
  const outputs = readOutputs(request["outputs"], signature, wantsBinary);
  return { id, outputs, binary: wantsBinary, work };
}

function tensorWork(tensors: Tensor[], parameters: Json | null, signature: ModelSignature | null): Work {
  const body = joinBytes(tensors);
  const work: Work = {
    item: {
      kind: "tensors",
      length: body.byteLength,
      inputs: tensors.map((tensor) => partOf(tensor, signature)),
    },
    body,
    rows: Math.max(1, ...tensors.map((tensor) => tensor.shape[0] ?? 1)),
    key: compatibleKey(tensors, signature),
    pinned: false,
  };
  const timeoutMs = readTimeout(parameters);
  if (timeoutMs !== null) work.timeoutMs = timeoutMs;
  return withParameters(work, parameters, signature);
}

function partOf({ name, datatype, shape, bytes, parameters }: Tensor, signature: ModelSignature | null) {
  const part: TensorPart = { name, datatype, shape, length: bytes.byteLength };
  const text = takesParameters(signature) ? textOf(parameters) : "";
  if (text !== "") part.parameters = text;
  return part;
}

/** Calls share a batch when inputs, datatypes, dimensions after the first (the rows), and parameters are the same. */
function compatibleKey(tensors: Tensor[], signature: ModelSignature | null): string {
  const told = sharesParameters(signature);
  return JSON.stringify(
    tensors.map(({ name, datatype, shape, parameters }) => [
      name,
      datatype,
      shape.slice(1),
      told ? textOf(parameters) : "",
    ]),
  );
}

/** The tensors' bytes one after the other: a view of the request's body where they lie there so already. */
function joinBytes(tensors: Tensor[]): Uint8Array {
  const [first] = tensors;
  if (!first) return new Uint8Array(0);
  let end = first.bytes.byteOffset;
  for (const { bytes } of tensors) {
    if (bytes.buffer !== first.bytes.buffer || bytes.byteOffset !== end) {
      return Buffer.concat(tensors.map((tensor) => tensor.bytes));
    }
    end += bytes.byteLength;
  }
  return new Uint8Array(first.bytes.buffer, first.bytes.byteOffset, end - first.bytes.byteOffset);
}
