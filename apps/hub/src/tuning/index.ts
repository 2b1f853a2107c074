export { tuningJobs } from "./jobs.ts";
export { tuningRoutes } from "./routes.ts";
export { treesOfStudies } from "./store.ts";
