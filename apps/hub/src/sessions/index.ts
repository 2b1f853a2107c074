export type { DescribeServing } from "./assignments.ts";
export { attemptOfNode, outputTeam } from "./attempt-files.ts";
export { specOf } from "./create.ts";
export { enqueueSession, type SessionSpec } from "./enqueue.ts";
export { expireLeases } from "./expire.ts";
export { meterSessions } from "./meter.ts";
export { createNodeLinks, type NodeLinks } from "./node-links.ts";
export { placeSessions } from "./place.ts";
export { runnerRoutes, sessionRoutes } from "./routes.ts";
export { visibleSession } from "./show.ts";
export { isEnded, stopSession } from "./stop.ts";
export {
  countByState,
  findSession,
  findSessionOfAttempt,
  lockSessionOfAttempt,
  moveCursor,
  type SessionRow,
  treesOfSessions,
  updateSession,
} from "./store.ts";
