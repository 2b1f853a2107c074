import { ELEMENT_NUMBERS } from "./element-numbers.ts";
import { type Dimension, onnxFile } from "./onnx-file.ts";

/** Gives every input back: `x_FP32` as `y_FP32`, and so on. */
export function echoModel(datatypes: readonly string[], shape: Dimension[]): Buffer {
  const names = datatypes.map((datatype) => ({ datatype, shape }));
  return onnxFile({
    nodes: datatypes.map((datatype) => ({
      op: "Identity",
      inputs: [`x_${datatype}`],
      outputs: [`y_${datatype}`],
    })),
    inputs: names.map((value) => ({ ...value, name: `x_${value.datatype}` })),
    outputs: names.map((value) => ({ ...value, name: `y_${value.datatype}` })),
  });
}

/** All that ONNX Runtime has in JavaScript. */
export const SERVED_DATATYPES = Object.keys(ELEMENT_NUMBERS).filter((datatype) => datatype !== "BF16");

/** An operator from `x` to `y`, both FP32. */
export function unaryModel(
  op: string,
  shape: Dimension[],
  more: {
    attributes?: Record<string, number>;
    output?: Dimension[] | null;
    opset?: number;
    irVersion?: number;
  } = {},
): Buffer {
  const { attributes = {}, output = shape, ...head } = more;
  return onnxFile({
    ...head,
    nodes: [{ op, inputs: ["x"], outputs: ["y"], attributes }],
    inputs: [{ name: "x", datatype: "FP32", shape }],
    outputs: [{ name: "y", datatype: "FP32", shape: output }],
  });
}

/** Two inputs of [N, 3] and a sum: `sum = a + b`, `difference = a - b`. */
export function sumModel(): Buffer {
  const shape = ["N", 3];
  return onnxFile({
    nodes: [
      { op: "Add", inputs: ["a", "b"], outputs: ["sum"] },
      { op: "Sub", inputs: ["a", "b"], outputs: ["difference"] },
    ],
    inputs: ["a", "b"].map((name) => ({ name, datatype: "FP32", shape })),
    outputs: ["sum", "difference"].map((name) => ({ name, datatype: "FP32", shape })),
  });
}

/** A small network, 16 → 32 → 1, with weights that anybody can work out. */
export function smallNetwork(): Buffer {
  const ramp = (count: number, step: number) =>
    Array.from({ length: count }, (_, at) => ((at % 7) - 3) * step);
  return onnxFile({
    nodes: [
      { op: "Gemm", inputs: ["x", "w1", "b1"], outputs: ["h"] },
      { op: "Relu", inputs: ["h"], outputs: ["r"] },
      { op: "Gemm", inputs: ["r", "w2", "b2"], outputs: ["y"] },
    ],
    inputs: [{ name: "x", datatype: "FP32", shape: ["batch", 16] }],
    outputs: [{ name: "y", datatype: "FP32", shape: ["batch", 1] }],
    weights: [
      { name: "w1", shape: [16, 32], values: ramp(512, 0.1) },
      { name: "b1", shape: [32], values: Array<number>(32).fill(0) },
      { name: "w2", shape: [32, 1], values: ramp(32, 0.1) },
      { name: "b2", shape: [1], values: [0.5] },
    ],
  });
}

/** Fills a tensor of the shape that it is given: as large as the caller likes. */
export function hungryModel(): Buffer {
  return onnxFile({
    nodes: [{ op: "ConstantOfShape", inputs: ["shape"], outputs: ["y"] }],
    inputs: [{ name: "shape", datatype: "INT64", shape: [2] }],
    outputs: [{ name: "y", datatype: "FP32", shape: ["a", "b"] }],
  });
}

/** Loops as many times as it is given and gives that number back, or loops for ever whatever it is given. */
export function loopModel({ times }: { times: "given" | "endless" }): Buffer {
  const scalar = (name: string, datatype: string) => ({ name, datatype, shape: [] });
  const number = (name: string) => ({ name, datatype: "INT64", shape: [1] });
  return onnxFile({
    nodes: [
      {
        op: "Loop",
        inputs: [times === "given" ? "n" : "", "", "n"],
        outputs: ["y"],
        body: {
          nodes: [
            { op: "Identity", inputs: ["goes_on"], outputs: ["goes_on_next"] },
            { op: "Identity", inputs: ["carried"], outputs: ["carried_next"] },
          ],
          inputs: [scalar("turn", "INT64"), scalar("goes_on", "BOOL"), number("carried")],
          outputs: [scalar("goes_on_next", "BOOL"), number("carried_next")],
        },
      },
    ],
    inputs: [number("n")],
    outputs: [number("y")],
  });
}

/** `y = x + w`, with the weights in another file. */
export function externalModel(location: string): Buffer {
  return onnxFile({
    nodes: [{ op: "Add", inputs: ["x", "w"], outputs: ["y"] }],
    inputs: [{ name: "x", datatype: "FP32", shape: [4] }],
    outputs: [{ name: "y", datatype: "FP32", shape: [4] }],
    weights: [{ name: "w", shape: [4], external: { location, length: 16 } }],
  });
}
