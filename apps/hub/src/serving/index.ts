export { describeServing } from "./describe.ts";
export { replicaReported } from "./follow-replica.ts";
export { servingJobs } from "./jobs.ts";
export { gatewayRoutes, servingRoutes } from "./routes.ts";
