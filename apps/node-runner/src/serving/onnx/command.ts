import type { Assignment } from "@podium/shared";
import type { LaunchSpec } from "../../executors/executor.ts";
import type { SessionPlaces } from "../../supervision/places.ts";

/** What is started for a model that is an ONNX file; null: the session runs a script. */
export function onnxCommand(
  { serving, resources }: Assignment,
  { onnx, checkpoint }: Pick<SessionPlaces, "onnx" | "checkpoint">,
): Pick<LaunchSpec, "program" | "argv"> | null {
  if (!serving?.onnx || !onnx || !checkpoint) return null;
  const threads = Math.max(1, Math.floor(resources.cpu_milli / 1000));
  return {
    program: onnx.bun.inside,
    argv: [onnx.server.inside, onnx.runtime.inside, checkpoint.inside, serving.onnx.file, String(threads)],
  };
}
