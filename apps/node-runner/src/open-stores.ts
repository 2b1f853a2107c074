import type { Clock } from "./clock.ts";
import { BlobCache } from "./data/blob-cache.ts";
import { TreeStore } from "./data/tree-store.ts";
import type { Env } from "./env.ts";
import { EnvironmentStore } from "./environments/environment-store.ts";
import { buildSettings } from "./environments/settings.ts";
import type { Executors } from "./executors/executors.ts";
import type { FaultPoints } from "./fault-points.ts";
import type { Log } from "./log.ts";
import type { Metrics } from "./metrics.ts";
import { Scratch } from "./scratch/scratch.ts";
import { OnnxPrograms } from "./serving/onnx/program.ts";

export interface StoreParts {
  executors: Executors;
  clock: Clock;
  faults: FaultPoints;
  log: Log;
  metrics: Metrics;
}

/** What this machine keeps for its sessions: files, folders made of them, environments, disks to write to, the ONNX server. */
export async function openStores(env: Env, parts: StoreParts) {
  const { executors, clock, faults, log, metrics } = parts;
  const data = env.PODIUM_RUNNER_DATA;
  const scratch = await Scratch.open(data, env.PODIUM_SCRATCH, log);
  const blobs = await BlobCache.open(data, clock);
  const trees = await TreeStore.open({
    dataFolder: data,
    blobs,
    clock,
    limitBytes: env.PODIUM_CACHE_BYTES,
    onSize: (bytes) => metrics.cacheBytes.set(bytes),
    onDamage: (tree_id, paths, attempts) =>
      log.error(
        { tree_id, files: paths.length, first: paths[0], attempts },
        "files of a tree are damaged on this machine's disk; they are replaced at its next mount",
      ),
  });
  const settings = buildSettings(env, executors.chosen);
  const options = { executors, settings, clock, faults, log, metrics };
  const environments = await EnvironmentStore.open(data, options);
  return { scratch, blobs, trees, environments, onnx: new OnnxPrograms(env, data) };
}
