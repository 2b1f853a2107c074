import { DATATYPES, DomainError, type ModelSignature, type TensorSpec } from "@podium/shared";
import type { Work } from "../../batching/call.ts";
import { parseExact } from "./exact-json.ts";
import { readElements, readShape } from "./read-data.ts";
import { type Datatype, encodeElements, TensorError } from "./tensor-bytes.ts";

export interface InferRequest {
  /** echoed in the answer */
  id: string | null;
  /** names of the outputs that are wanted; null: all */
  outputs: string[] | null;
  work: Work;
}

interface Tensor {
  name: string;
  datatype: Datatype;
  shape: number[];
  bytes: Uint8Array;
}

type Json = Record<string, unknown>;

/**
 * Reads an Open Inference Protocol v2 request and turns its tensors into raw bytes.
 * @param signature what the model takes; null: not known, only the request itself is checked
 * Throws `invalid_request` with a message that names the tensor.
 */
export function readInfer(body: Uint8Array, signature: ModelSignature | null): InferRequest {
  const request = readObject(body);
  const { id = null, inputs } = request;
  if (id !== null && typeof id !== "string") throw invalid("id must be a text");
  if (!Array.isArray(inputs) || inputs.length === 0)
    throw invalid("inputs must be a list of at least one tensor");
  const parameters = readParameters(request["parameters"], "parameters");
  const tensors = inTheModelsOrder(inputs.map(readTensor), signature);
  const outputs = readOutputs(request["outputs"], signature);
  const bytes = joinBytes(tensors);
  return {
    id,
    outputs,
    work: {
      item: {
        kind: "tensors",
        length: bytes.byteLength,
        inputs: tensors.map((tensor) => ({
          name: tensor.name,
          datatype: tensor.datatype,
          shape: tensor.shape,
          length: tensor.bytes.byteLength,
        })),
      },
      body: bytes,
      rows: Math.max(1, ...tensors.map((tensor) => tensor.shape[0] ?? 1)),
      key: compatibleKey(tensors, parameters),
      pinned: false,
    },
  };
}

/** The body as a JSON object, integers exact. Throws `invalid_request`. */
export function readObject(body: Uint8Array): Json {
  let value: unknown;
  try {
    value = parseExact(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    throw invalid("the body is not JSON");
  }
  if (!isObject(value)) throw invalid("the body must be a JSON object");
  return value;
}

function readTensor(given: unknown, index: number): Tensor {
  if (!isObject(given)) throw invalid(`inputs[${index}] must be an object`);
  const { name, datatype, data } = given;
  if (typeof name !== "string" || name === "") throw invalid(`inputs[${index}].name must be a text`);
  if (!isDatatype(datatype))
    throw invalid(`input '${name}': datatype must be one of ${DATATYPES.join(", ")}`);
  const parameters = readParameters(given["parameters"], `input '${name}': parameters`);
  if (parameters && "binary_data_size" in parameters) {
    throw invalid(`input '${name}': binary tensor data is not supported by this gateway; send data as JSON`);
  }
  try {
    const shape = readShape(given["shape"]);
    return { name, datatype, shape, bytes: encodeElements(datatype, readElements(data, shape)) };
  } catch (error) {
    if (error instanceof TensorError) throw invalid(`input '${name}': ${error.message}`);
    throw error;
  }
}

/** Checks the inputs against the signature and puts them in its order, so that equal calls batch together. */
function inTheModelsOrder(tensors: Tensor[], signature: ModelSignature | null): Tensor[] {
  const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  if (byName.size < tensors.length) throw invalid("each input may be given once");
  if (!signature) return tensors;
  const known = signature.inputs.map((spec) => `'${spec.name}'`).join(", ");
  const ordered = signature.inputs.map((spec) => {
    const tensor = byName.get(spec.name);
    if (!tensor) throw invalid(`input '${spec.name}' is missing; the model takes ${known}`);
    checkAgainst(spec, tensor);
    byName.delete(spec.name);
    return tensor;
  });
  for (const name of byName.keys()) throw invalid(`input '${name}' is unknown; the model takes ${known}`);
  return ordered;
}

function checkAgainst(spec: TensorSpec, { name, datatype, shape }: Tensor) {
  if (datatype !== spec.datatype) throw invalid(`input '${name}' must be ${spec.datatype}, not ${datatype}`);
  const fits =
    shape.length === spec.shape.length &&
    spec.shape.every((size, index) => size === -1 || size === shape[index]);
  if (!fits) throw invalid(`input '${name}' must have shape [${spec.shape}] (-1: any size), not [${shape}]`);
}

function readOutputs(given: unknown, signature: ModelSignature | null): string[] | null {
  if (given === undefined || given === null) return null;
  if (!Array.isArray(given)) throw invalid("outputs must be a list");
  const names = given.map((output: unknown, index) => {
    const name = isObject(output) ? output["name"] : undefined;
    if (typeof name !== "string") throw invalid(`outputs[${index}].name must be a text`);
    if (signature && !signature.outputs.some((spec) => spec.name === name)) {
      throw invalid(
        `output '${name}' is unknown; the model gives ${signature.outputs.map((spec) => `'${spec.name}'`).join(", ")}`,
      );
    }
    return name;
  });
  return names.length > 0 ? names : null;
}

function readParameters(given: unknown, where: string): Json | null {
  if (given === undefined || given === null) return null;
  if (!isObject(given)) throw invalid(`${where} must be an object`);
  for (const [name, value] of Object.entries(given)) {
    if (!["string", "number", "boolean", "bigint"].includes(typeof value)) {
      throw invalid(`${where}.${name} must be a text, a number or a boolean`);
    }
  }
  return given;
}

/** Calls share a batch when inputs, datatypes, dimensions after the first (the rows), and parameters are the same. */
function compatibleKey(tensors: Tensor[], parameters: Json | null): string {
  const shapes = tensors.map(({ name, datatype, shape }) => [name, datatype, shape.slice(1)]);
  const sorted = Object.entries(parameters ?? {}).map(([name, value]) => [name, typeof value, String(value)]);
  return JSON.stringify([shapes, sorted.sort(([a], [b]) => String(a).localeCompare(String(b)))]);
}

function joinBytes(tensors: Tensor[]): Uint8Array {
  const [only] = tensors;
  return only && tensors.length === 1 ? only.bytes : Buffer.concat(tensors.map((tensor) => tensor.bytes));
}

function isDatatype(value: unknown): value is Datatype {
  return DATATYPES.some((datatype) => datatype === value);
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function invalid(message: string): DomainError {
  return new DomainError("invalid_request", message);
}
