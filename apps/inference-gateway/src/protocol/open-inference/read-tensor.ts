import { DATATYPES } from "@podium/shared";
import { type Datatype, isDatatype, misfitOf } from "@podium/shared/tensors/datatype-sizes";
import { readElements, readShape } from "@podium/shared/tensors/read-data";
import { encodeElements, TensorError } from "@podium/shared/tensors/tensor-bytes";
import type { BinaryData } from "./binary-data.ts";
import { readParameters, refuseUnknownForms } from "./read-parameters.ts";
import { invalid, isObject, type Json, quoted } from "./request-json.ts";

export interface Tensor {
  name: string;
  datatype: Datatype;
  shape: number[];
  bytes: Uint8Array;
  /** what the caller said about it, for a model that asks for that */
  parameters?: Json | null;
}

/**
 * One input of a request, as raw bytes: those of its `data` in JSON, or the next of the body's binary part as they are.
 * Throws `invalid_request` with a message that names the input.
 */
export function readTensor(given: unknown, index: number, binary: BinaryData | null): Tensor {
  if (!isObject(given)) throw invalid(`inputs[${index}] must be an object`);
  const { name, datatype } = given;
  if (typeof name !== "string" || name === "") throw invalid(`inputs[${index}].name must be a text`);
  const where = `input '${quoted(name)}'`;
  if (!isDatatype(datatype)) throw invalid(`${where}: datatype must be one of ${DATATYPES.join(", ")}`);
  const parameters = readParameters(given["parameters"], `${where}: parameters`);
  refuseUnknownForms(parameters, where);
  const size = binarySize(parameters, where);
  try {
    const shape = readShape(given["shape"]);
    if (size === null) {
      const bytes = encodeElements(datatype, readElements(given["data"], shape));
      return { name, datatype, shape, bytes, parameters };
    }
    const bytes = takeBinary(given, datatype, shape, size, binary, where);
    return { name, datatype, shape, bytes, parameters };
  } catch (error) {
    if (error instanceof TensorError) throw invalid(`${where}: ${error.message}`);
    throw error;
  }
}

function binarySize(parameters: Json | null, where: string): number | null {
  const size = parameters?.["binary_data_size"];
  if (size === undefined) return null;
  if (Number.isSafeInteger(size) && (size as number) >= 0) return size as number;
  throw invalid(`${where}: binary_data_size must be a number of bytes`);
}

function takeBinary(
  given: Json,
  datatype: Datatype,
  shape: number[],
  size: number,
  binary: BinaryData | null,
  where: string,
): Uint8Array {
  if (given["data"] !== undefined) throw invalid(`${where} has both data and binary_data_size; send one`);
  if (!binary) {
    throw invalid(
      `${where} has binary_data_size, but the request has no Inference-Header-Content-Length, the length of its JSON`,
    );
  }
  const bytes = binary.take(size, where);
  const misfit = misfitOf(datatype, shape, bytes);
  if (misfit !== null) throw new TensorError(misfit);
  return bytes;
}
