export { holdCheckpoint } from "./find-checkpoint.ts";
export { forgetRemoved } from "./forget-removed.ts";
export type { FindCheckpointUses } from "./remove-checkpoint.ts";
export { runnerRecordRoutes, trackingRoutes } from "./routes.ts";
export { lastValue, treesOfCheckpoints } from "./store.ts";
