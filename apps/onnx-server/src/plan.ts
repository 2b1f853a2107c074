import type { RawTensor } from "./raw-tensor.ts";

/** A body of an answer, with what its bytes are when they are tensors. */
export interface Body {
  bytes: Uint8Array[];
  outputs?: { name: string; datatype: string; shape: number[]; length: number }[];
}

/** What a request takes: runs of the model, and how their outputs become its answer. */
export interface Plan {
  /** the inputs of each run, in the model's order */
  runs: RawTensor[][];
  /** @param results the outputs of each run. Throws `NoJsonForm`. */
  write(results: RawTensor[][]): Body;
}

/** A request that the model can't be given; its caller is told. */
export class Rejected extends Error {
  override readonly name = "Rejected";
}
