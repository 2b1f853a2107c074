export { type MonitorSettings, startMonitor } from "./duty.ts";
export { observeCluster } from "./observe.ts";
export { monitoringRoutes } from "./routes.ts";
