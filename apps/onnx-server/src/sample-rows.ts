import type { TensorSpec } from "@podium/shared";
import { countElements } from "@podium/shared/tensors/datatype-sizes";
import { encodeElements } from "@podium/shared/tensors/tensor-bytes";
import type { RawTensor } from "./raw-tensor.ts";

/** Of what a sample is made: nothing but zeros, or values that differ from one another and from one seed to the next. */
export type Filling = "zeros" | { seed: number };

/** An input for a trial run. @param open size of dimensions that may have any; the first one then is 1 */
export function sampleOf({ name, datatype, shape }: TensorSpec, open: number, filling: Filling): RawTensor {
  const sizes = shape.map((size, dimension) => (size !== -1 ? size : dimension === 0 ? 1 : open));
  const values = Array.from({ length: countElements(sizes) }, (_, index) =>
    sampleValue(datatype, index, filling),
  );
  if (datatype !== "FP16") return { name, datatype, shape: sizes, bytes: encodeElements(datatype, values) };
  const halves = new Float16Array(values as number[]);
  return { name, datatype, shape: sizes, bytes: new Uint8Array(halves.buffer as ArrayBuffer) };
}

/** Integers are mostly places in some list: 0 and 1 are nearly always there. */
function sampleValue(datatype: string, index: number, filling: Filling): unknown {
  if (datatype === "BYTES") return filling === "zeros" ? "" : String.fromCharCode(97 + filling.seed);
  const isOne = filling !== "zeros" && (index + filling.seed) % 2 === 1;
  if (datatype === "BOOL") return isOne;
  if (filling === "zeros") return 0;
  if (!datatype.startsWith("FP")) return isOne ? 1 : 0;
  return (((index + 1) * 7 + filling.seed * 13) % 31) / 31 - 0.5;
}
