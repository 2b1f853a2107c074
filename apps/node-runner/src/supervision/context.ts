import type { Clock } from "../clock.ts";
import type { BlobCache } from "../data/blob-cache.ts";
import type { FetchMeter } from "../data/fetch-meter.ts";
import type { TreeStore } from "../data/tree-store.ts";
import type { DeviceClaims } from "../devices/claims.ts";
import type { Machine } from "../devices/usage.ts";
import type { Env } from "../env.ts";
import type { EnvironmentStore } from "../environments/environment-store.ts";
import type { Executors } from "../executors/executors.ts";
import type { FaultPoints } from "../fault-points.ts";
import type { HubClient } from "../hub/client.ts";
import type { Log } from "../log.ts";
import type { Metrics } from "../metrics.ts";
import type { Scratch } from "../scratch/scratch.ts";
import type { OnnxPrograms } from "../serving/onnx/program.ts";

/** What every attempt of this runner shares. */
export interface RunnerContext {
  env: Env;
  clock: Clock;
  random: () => number;
  log: Log;
  metrics: Metrics;
  hub: HubClient;
  blobs: BlobCache;
  trees: TreeStore;
  environments: EnvironmentStore;
  fetches: FetchMeter;
  executors: Executors;
  scratch: Scratch;
  faults: FaultPoints;
  claims: DeviceClaims;
  machine: Machine;
  onnx: OnnxPrograms;
}
