import { statSync } from "node:fs";
import { basename } from "node:path";
import type { Cli } from "./cli.ts";
import { CliError, EXIT } from "./errors.ts";
import { push } from "./push.ts";
import { findSession } from "./session-ref.ts";
import { asBody, type Body } from "./types.ts";

export interface ModelOptions {
  onnx?: string;
  file?: string;
  gpus?: { gpus: number; milli: number };
  cpus?: number;
  memory?: number;
}

type Bind = Body<"/api/v1/endpoints/{name}/bindings">;
type Model = Pick<Bind, "session_id" | "checkpoint" | "onnx">;

/** The model that is to be bound; an ONNX file or folder of this machine is pushed. Throws a `CliError` that says what to name. */
export async function modelOf(
  cli: Cli,
  reference: string | undefined,
  checkpoint: string | undefined,
  options: ModelOptions,
  team: string,
): Promise<Model> {
  const { onnx: path, file } = options;
  if (reference !== undefined && checkpoint !== undefined) {
    const { id: session_id } = await findSession(cli, reference);
    if (path === undefined) return { session_id, checkpoint };
    return asBody({ session_id, checkpoint, onnx: { file: path, resources: resourcesOf(options) } });
  }
  if (reference === undefined && path !== undefined) {
    const isFile = statusOf(path).isFile();
    const { tree_id } = await push(cli, path, team);
    return asBody({
      onnx: { tree_id, file: isFile ? basename(path) : file, resources: resourcesOf(options) },
    });
  }
  throw new CliError(
    "Name what to serve: podium endpoint bind ENDPOINT SESSION CHECKPOINT, or podium endpoint bind ENDPOINT --onnx FILE",
    EXIT.usage,
  );
}

/** Undefined when nothing was asked for: the hub then knows what to take. */
function resourcesOf({ gpus, cpus, memory }: ModelOptions) {
  if (gpus === undefined && cpus === undefined && memory === undefined) return undefined;
  return {
    ...(gpus && { gpus: gpus.gpus, gpu_milli: gpus.milli }),
    ...(cpus !== undefined && { cpu_milli: Math.round(cpus * 1000) }),
    ...(memory !== undefined && { memory_bytes: memory }),
  };
}

function statusOf(path: string) {
  try {
    return statSync(path);
  } catch {
    throw new CliError(`There is no file or folder ${path}.`, EXIT.usage);
  }
}
