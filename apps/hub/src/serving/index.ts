export { describeServing } from "./describe.ts";
export { replicaReported } from "./follow-replica.ts";
export { servingJobs } from "./jobs.ts";
export { keyRoutes } from "./keys/routes.ts";
export { gatewayRoutes, servingRoutes } from "./routes.ts";
export { settingsRoutes } from "./settings/routes.ts";
