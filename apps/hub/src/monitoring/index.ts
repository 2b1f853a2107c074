export { observeCluster } from "./observe.ts";
export { monitoringRoutes } from "./routes.ts";
