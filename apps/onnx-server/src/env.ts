/** What the runner tells the server: the session's own variables, and arguments of the command line. */
export interface Settings {
  /** the runner's Unix socket */
  socket: string;
  /** folder of the npm package onnxruntime-node */
  runtimeFolder: string;
  modelFolder: string;
  /** of the model, relative to its folder */
  file: string;
  threads: number;
  /** devices that the session has */
  gpus: number;
}

const USAGE = "usage: PODIUM_SOCKET=… main.ts RUNTIME_FOLDER MODEL_FOLDER FILE THREADS";

/** Throws one line when the runner did not start it as it should. */
export function readSettings(
  args: readonly string[],
  env: Record<string, string | undefined> = process.env,
): Settings {
  const [runtimeFolder, modelFolder, file, threads] = args;
  const { PODIUM_SOCKET: socket, PODIUM_GPUS: gpus = "" } = env;
  const count = Number(threads);
  if (!socket || !runtimeFolder || !modelFolder || !file || !Number.isInteger(count) || count < 1)
    throw new Error(USAGE);
  const devices = gpus.split(",").filter((index) => index !== "").length;
  return { socket, runtimeFolder, modelFolder, file, threads: count, gpus: devices };
}
