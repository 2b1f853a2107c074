export { leaderboardJobs } from "./jobs.ts";
export { leaderboardRoutes } from "./routes.ts";
