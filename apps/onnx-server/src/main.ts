import { systemClock } from "./clock.ts";
import { readSettings, type Settings } from "./env.ts";
import { findModel } from "./find-model.ts";
import { loadModel } from "./load.ts";
import { LoadFailure } from "./load-failure.ts";
import { Model, runSession } from "./model.ts";
import { openRuntime } from "./runtime.ts";
import { serve } from "./serve.ts";
import { tensorsOf } from "./signature.ts";
import { tellFailure } from "./tell-failure.ts";
import { warmUp } from "./warm-up.ts";

/** On a GPU each number of rows is slow once; those that are not tried by then are slow for a caller. */
const MOST_WARM_UP_MS = 30_000;

/** A line of the platform's own in the session's log. */
const say = (line: string) => console.error(`[podium] ${line}`);

async function openModel({ runtimeFolder, modelFolder, file, threads, gpus }: Settings): Promise<Model> {
  const path = await findModel(modelFolder, file);
  const runtime = openRuntime(runtimeFolder);
  say(`ONNX Runtime ${runtime.version} loads ${file}`);
  const { session, isOnGpu } = await loadModel(runtime, path, { file, threads, gpus, say });
  say(`${file} is loaded; its first runs begin, with zeros`);
  const tensors = tensorsOf(session);
  if (tensors.left.length > 0)
    say(`left out, as they are sequences or maps and no tensors: ${tensors.left.join(", ")}`);
  const run = (inputs: Parameters<Model["run"]>[0]) => runSession(runtime, session, inputs, tensors.outputs);
  const started = systemClock.elapsedMs();
  const goesOn = () => isOnGpu && systemClock.elapsedMs() - started < MOST_WARM_UP_MS;
  const signature = await warmUp(tensors, run, { say, goesOn });
  return new Model(runtime, session, signature, isOnGpu);
}

/** Serves one ONNX file over the runner's socket, as the SDK serves a script's functions. */
async function main() {
  const settings = readSettings(process.argv.slice(2));
  try {
    await serve(await openModel(settings), settings.socket, systemClock, say);
  } catch (error) {
    const failure = error instanceof LoadFailure ? error : new LoadFailure(`It failed: ${error}`);
    say(failure.message);
    if (!(error instanceof LoadFailure)) console.error(error);
    await tellFailure(failure, settings.socket, systemClock);
    process.exit(1);
  }
}

await main();
process.exit(0);
