import { ELEMENT_BYTES } from "@podium/shared/tensors/datatype-sizes";
import { TensorError } from "@podium/shared/tensors/tensor-bytes";
import type { Tensor } from "onnxruntime-node";
import { datatypeOf, elementTypeOf } from "./element-types.ts";
import type { RawTensor } from "./raw-tensor.ts";
import type { Runtime } from "./runtime.ts";

const NUMBERS = {
  bool: Uint8Array,
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  uint64: BigUint64Array,
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  // The bits: see runtime.ts.
  float16: Uint16Array,
  float32: Float32Array,
  float64: Float64Array,
};

const utf8 = new TextDecoder("utf-8", { fatal: true });
const encoder = new TextEncoder();

/** A tensor for ONNX Runtime, which reads its bytes where they are. Throws `TensorError` for texts that it can't carry. */
export function toRuntime({ Tensor }: Runtime, { name, datatype, shape, bytes }: RawTensor): Tensor {
  const type = elementTypeOf(datatype);
  if (type === null) throw new TensorError(`input '${name}' is ${datatype}, which no ONNX model here takes`);
  if (type === "string") return new Tensor(type, readTexts(name, bytes), shape);
  const size = ELEMENT_BYTES[datatype];
  const own = bytes.byteOffset % size === 0 ? bytes : new Uint8Array(bytes);
  const numbers = new NUMBERS[type](own.buffer as ArrayBuffer, own.byteOffset, own.byteLength / size);
  // One constructor for all element types: its own types want each pair spelled out.
  return new Tensor(type as "float32", numbers as Float32Array, shape);
}

/** What a model gave, as raw bytes. */
export function fromRuntime(name: string, tensor: Tensor): RawTensor {
  const datatype = datatypeOf(tensor.type);
  if (datatype === null) throw new Error(`The output '${name}' is ${tensor.type}, which can't be sent.`);
  const shape = [...tensor.dims];
  if (tensor.type === "string") return { name, datatype, shape, bytes: writeTexts(tensor.data as string[]) };
  const { buffer, byteOffset, byteLength } = tensor.data as Uint8Array;
  return { name, datatype, shape, bytes: new Uint8Array(buffer, byteOffset, byteLength) };
}

function readTexts(name: string, bytes: Uint8Array): string[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const texts: string[] = [];
  for (let offset = 0; offset < bytes.byteLength; ) {
    const start = offset + 4;
    offset = start + view.getUint32(offset, true);
    texts.push(readText(name, bytes.subarray(start, offset), texts.length));
  }
  return texts;
}

/** ONNX Runtime's bridge to JavaScript takes texts of C, which end at a NUL: better refused than cut off. */
function readText(name: string, element: Uint8Array, index: number): string {
  const refuse = (why: string) => new TensorError(`input '${name}': element ${index} ${why}`);
  if (element.includes(0)) throw refuse("holds a NUL character, which texts of ONNX models can't have");
  try {
    return utf8.decode(element);
  } catch {
    throw refuse("is not UTF-8 text");
  }
}

function writeTexts(texts: readonly string[]): Uint8Array {
  const elements = texts.map((text) => encoder.encode(text));
  const bytes = new Uint8Array(elements.reduce((sum, { byteLength }) => sum + 4 + byteLength, 0));
  const view = new DataView(bytes.buffer);
  let offset = 0;
  for (const element of elements) {
    view.setUint32(offset, element.byteLength, true);
    bytes.set(element, offset + 4);
    offset += 4 + element.byteLength;
  }
  return bytes;
}
