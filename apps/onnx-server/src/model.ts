import type { ModelSignature } from "@podium/shared";
import type { InferenceSession, Tensor } from "onnxruntime-node";
import { fromRuntime, toRuntime } from "./convert.ts";
import type { RawTensor } from "./raw-tensor.ts";
import { runRounded } from "./round-rows.ts";
import type { Runtime } from "./runtime.ts";

/** A loaded model whose every run takes all its inputs, in their order, and gives all its outputs. */
export class Model {
  constructor(
    private readonly runtime: Runtime,
    private readonly session: InferenceSession,
    readonly signature: ModelSignature,
    /** it runs on a GPU, where each new number of rows costs time of its own */
    private readonly isOnGpu: boolean,
  ) {}

  /** Rows of several callers may go through it together: its first dimension is their number. */
  get batches(): boolean {
    return this.signature.batch;
  }

  /** Blocks the event loop. Throws `TensorError` for inputs that can't be sent, and what ONNX Runtime says of others. */
  run(inputs: readonly RawTensor[]): Promise<RawTensor[]> {
    const run = (given: readonly RawTensor[]) =>
      runSession(this.runtime, this.session, given, this.signature.outputs);
    return this.batches && this.isOnGpu ? runRounded(inputs, run) : run(inputs);
  }
}

/** One run of a session, which gives the named outputs. @throws as `Model.run` */
export async function runSession(
  runtime: Runtime,
  session: InferenceSession,
  inputs: readonly RawTensor[],
  outputs: readonly { name: string }[],
): Promise<RawTensor[]> {
  const feeds: Record<string, Tensor> = {};
  for (const input of inputs) feeds[input.name] = toRuntime(runtime, input);
  const names = outputs.map(({ name }) => name);
  const answers = await session.run(feeds, names);
  return names.map((name) => {
    const tensor = answers[name];
    if (!tensor) throw new Error(`The model gave no output '${name}'.`);
    return fromRuntime(name, tensor);
  });
}
