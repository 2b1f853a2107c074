import { mkdir } from "node:fs/promises";
import { join } from "node:path";

const HARNESS = join(import.meta.dir, "run_solution.py");
const SDK = join(import.meta.dir, "../../sdk/python/src");

export interface Finished {
  exitCode: number;
  stdout: string;
  stderr: string;
}

/** Runs Python in a folder as outside the platform: with the SDK, without a runner's socket. */
async function runPython(workFolder: string, args: string[], datasetPath: string): Promise<Finished> {
  await mkdir(workFolder, { recursive: true });
  const variables = [`PYTHONPATH=${SDK}`, "PYTHONDONTWRITEBYTECODE=1", `PODIUM_DATASET_PATH=${datasetPath}`];
  const child = Bun.spawn(["env", "-u", "PODIUM_SOCKET", ...variables, "python3", ...args], {
    cwd: workFolder,
    stdout: "pipe",
    stderr: "pipe",
    timeout: 60_000,
  });
  const [stdout, stderr, exitCode] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { exitCode, stdout, stderr };
}

/** Trains an entrant's folder outside the platform; its checkpoints land in the working folder. */
export function train(
  workFolder: string,
  folder: string,
  trainFolder: string,
  args: string,
): Promise<Finished> {
  return runPython(workFolder, [join(folder, "main.py"), ...args.split(" ").filter(Boolean)], trainFolder);
}

/** Answers the rows of the file `inputs` in a new process; `predictions` becomes JSONL of `{id, prediction}`. */
export function infer(
  workFolder: string,
  folder: string,
  inputs: string,
  predictions: string,
): Promise<Finished> {
  return runPython(workFolder, [HARNESS, folder, inputs, predictions], "");
}
