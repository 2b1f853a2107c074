export { describeServing } from "./describe.ts";
export { endpointFiguresRoutes, gatewayFiguresRoutes } from "./figures/routes.ts";
export { trimEndpointFigures } from "./figures/trim-figures.ts";
export { replicaReported } from "./follow-replica.ts";
export { gatewayOrigins } from "./gateway-origins.ts";
export { servingJobs } from "./jobs.ts";
export { gatewayRoutes, servingRoutes } from "./routes.ts";
