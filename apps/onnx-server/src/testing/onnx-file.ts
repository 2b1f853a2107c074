import { ELEMENT_NUMBERS } from "./element-numbers.ts";

/** A size, or the name of a dimension that may have any; "" has no name. */
export type Dimension = number | string;
export interface Value {
  name: string;
  /** of the Open Inference Protocol, or `BF16` and others that ONNX alone has, by number */
  datatype: string | number;
  /** null: the file does not say */
  shape: Dimension[] | null;
}
export interface Operator {
  op: string;
  inputs: string[];
  outputs: string[];
  /** whole numbers */
  attributes?: Record<string, number>;
  /** a graph of its own, such as a loop's */
  body?: Graph;
}
export interface Graph {
  nodes: Operator[];
  inputs: Value[];
  outputs: Value[];
}
export interface Weights {
  name: string;
  shape: number[];
  /** FP32 */
  values?: readonly number[];
  /** a file that holds them instead, and how many bytes of it */
  external?: { location: string; length: number };
}
export interface OnnxFile extends Graph {
  weights?: Weights[];
  opset?: number;
  irVersion?: number;
}

/**
 * An ONNX file, written as the protobuf message it is; numbers of fields are those of onnx.proto. So tests make
 * the models that they need, and no binary lies in the repository.
 */
export function onnxFile({ weights = [], opset = 17, irVersion = 8, ...main }: OnnxFile): Buffer {
  const operators = message(field(1, ""), whole(2, opset));
  return message(whole(1, irVersion), field(8, operators), field(7, graph(main, weights)));
}

function graph({ nodes, inputs, outputs }: Graph, weights: readonly Weights[] = []): Buffer {
  return message(
    ...nodes.map((node) => field(1, operator(node))),
    field(2, "test"),
    ...weights.map((each) => field(5, tensor(each))),
    ...inputs.map((value) => field(11, valueInfo(value))),
    ...outputs.map((value) => field(12, valueInfo(value))),
  );
}

function operator({ op, inputs, outputs, attributes = {}, body }: Operator): Buffer {
  const settings = Object.entries(attributes).map(([name, value]) =>
    field(5, message(field(1, name), whole(3, value), whole(20, 2))),
  );
  if (body) settings.push(field(5, message(field(1, "body"), field(6, graph(body)), whole(20, 5))));
  const names = [...inputs.map((name) => field(1, name)), ...outputs.map((name) => field(2, name))];
  return message(...names, field(4, op), ...settings);
}

function tensor({ name, shape, values = [], external }: Weights): Buffer {
  const head = [...shape.map((size) => whole(1, size)), whole(2, 1), field(8, name)];
  if (!external) return message(...head, field(9, Buffer.from(new Float32Array(values).buffer)));
  const entry = (key: string, value: string) => field(13, message(field(1, key), field(2, value)));
  const place = [entry("location", external.location), entry("length", String(external.length))];
  return message(...head, ...place, whole(14, 1));
}

function valueInfo({ name, datatype, shape }: Value): Buffer {
  const type = typeof datatype === "number" ? datatype : (ELEMENT_NUMBERS[datatype] ?? 0);
  const sizes = shape?.map((size) => field(1, typeof size === "number" ? whole(1, size) : field(2, size)));
  const tensorType = message(whole(1, type), ...(sizes ? [field(2, message(...sizes))] : []));
  return message(field(1, name), field(2, message(field(1, tensorType))));
}

const message = (...fields: Buffer[]) => Buffer.concat(fields);

function field(number: number, content: Uint8Array | string): Buffer {
  const bytes = Buffer.from(content as string);
  return Buffer.concat([varint((number << 3) | 2), varint(bytes.byteLength), bytes]);
}

const whole = (number: number, value: number) => Buffer.concat([varint(number << 3), varint(value)]);

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let left = BigInt.asUintN(64, BigInt(value));
  do {
    const more = left > 127n;
    bytes.push(Number(left & 127n) | (more ? 128 : 0));
    left >>= 7n;
  } while (left > 0n);
  return Buffer.from(bytes);
}
