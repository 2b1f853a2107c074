export { requireCheckpoint } from "./find-checkpoint.ts";
export { runnerRecordRoutes, trackingRoutes } from "./routes.ts";
export { type CheckpointRow, lastValue } from "./store.ts";
