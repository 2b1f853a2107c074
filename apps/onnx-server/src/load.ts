import type { InferenceSession } from "onnxruntime-node";
import { explainLoad, LoadFailure, messageOf } from "./load-failure.ts";
import type { Runtime } from "./runtime.ts";

export interface LoadOptions {
  /** of the model, for people */
  file: string;
  /** of an operator */
  threads: number;
  /** devices that the session has */
  gpus: number;
  /** a line for the session's log */
  say(line: string): void;
}

/**
 * Loads a model onto the session's first GPU where it has one and the runtime can, else onto the CPU; says which.
 * Throws `LoadFailure`.
 */
export async function loadModel(
  runtime: Runtime,
  path: string,
  options: LoadOptions,
): Promise<{ session: InferenceSession; isOnGpu: boolean }> {
  const { file, threads, gpus, say } = options;
  const create = (executionProviders: string[]) =>
    runtime.InferenceSession.create(path, {
      executionProviders,
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      graphOptimizationLevel: "all",
    });
  const onCpu = (why: string) => say(`${file} runs on the CPU, ${threads} thread(s)${why}`);
  try {
    if (gpus > 0 && runtime.hasCuda) {
      const session = await create(["cuda", "cpu"]).catch((error: unknown) => {
        onCpu(`: CUDA can't be used here: ${messageOf(error)}`);
        return null;
      });
      if (session) {
        say(`${file} runs on the GPU, with CUDA`);
        return { session, isOnGpu: true };
      }
    } else onCpu(gpus > 0 ? ": the ONNX Runtime of this node has no CUDA in it" : "");
    return { session: await create(["cpu"]), isOnGpu: false };
  } catch (error) {
    throw error instanceof LoadFailure ? error : explainLoad(error, file);
  }
}
