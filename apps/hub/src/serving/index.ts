export { describeServing } from "./describe.ts";
export { replicaReported } from "./follow-replica.ts";
export { servingJobs } from "./jobs.ts";
export { scaleBindings } from "./replicas/autoscale.ts";
export { bindingsServing } from "./replicas/session-uses.ts";
export { gatewayRoutes, servingRoutes } from "./routes.ts";
