export { requireCheckpoint } from "./find-checkpoint.ts";
export { runnerRecordRoutes, trackingRoutes } from "./routes.ts";
export { lastValue } from "./store.ts";
