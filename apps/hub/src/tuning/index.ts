export { studiesUsing } from "./dataset-uses.ts";
export { tuningJobs } from "./jobs.ts";
export { tuningRoutes } from "./routes.ts";
export { studiesTrying } from "./session-uses.ts";
export { treesOfStudies } from "./store.ts";
