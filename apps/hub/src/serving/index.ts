export { describeServing } from "./describe.ts";
export { startTrafficDuty } from "./duty.ts";
export { replicaReported } from "./follow-replica.ts";
export { servingJobs } from "./jobs.ts";
export { keyRoutes } from "./keys/routes.ts";
export { findRollout } from "./rollouts/store.ts";
export { gatewayRoutes, servingRoutes } from "./routes.ts";
export { settingsRoutes } from "./settings/routes.ts";
export { rolloutRoutes, trafficRoutes } from "./traffic/routes.ts";
