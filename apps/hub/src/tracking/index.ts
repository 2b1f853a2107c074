export { holdCheckpoint } from "./find-checkpoint.ts";
export { runnerRecordRoutes, trackingRoutes } from "./routes.ts";
export { lastValue, treesOfCheckpoints } from "./store.ts";
