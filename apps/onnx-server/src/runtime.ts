import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { InferenceSession, TensorConstructor } from "onnxruntime-node";

export interface Runtime {
  Tensor: TensorConstructor;
  InferenceSession: {
    create(path: string, options: InferenceSession.SessionOptions): Promise<InferenceSession>;
  };
  version: string;
  /** Its package holds what a GPU of NVIDIA needs beside CUDA itself. */
  hasCuda: boolean;
}

const CUDA_PROVIDER = "libonnxruntime_providers_cuda.so";

/** Loads ONNX Runtime. @param folder of the npm package onnxruntime-node */
export function openRuntime(folder: string): Runtime {
  const load = createRequire(join(folder, "package.json"));
  const { version } = load("./package.json") as { version: string };
  const runtime = withoutFloat16Array(() => {
    const loaded = load("./") as Pick<Runtime, "Tensor" | "InferenceSession">;
    new loaded.Tensor("float32", new Float32Array(1), [1]);
    return loaded;
  });
  const { Tensor, InferenceSession } = runtime;
  const native = join(folder, "bin", "napi-v6", process.platform, process.arch);
  return { Tensor, InferenceSession, version, hasCuda: existsSync(join(native, CUDA_PROVIDER)) };
}

/**
 * Where there is a Float16Array, ONNX Runtime hands FP16 to its native part as one, of which Bun's Node-API says that it
 * is empty. It decides at its first tensor; without one it takes the bits as a Uint16Array.
 */
function withoutFloat16Array<T>(work: () => T): T {
  const scope = globalThis as { Float16Array?: unknown };
  const { Float16Array } = scope;
  // Bun's own modules look at it when they are loaded.
  createRequire(import.meta.url)("node:worker_threads");
  scope.Float16Array = undefined;
  try {
    return work();
  } finally {
    scope.Float16Array = Float16Array;
  }
}
