export { concludeDue } from "./conclude.ts";
export { forgetBoards } from "./forget-boards.ts";
export { computeDueIntervals } from "./intervals/compute.ts";
export { leaderboardJobs } from "./jobs.ts";
export { leaderboardRoutes } from "./routes.ts";
export { verifyBoards } from "./verify-boards.ts";
