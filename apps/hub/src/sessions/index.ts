export type { DescribeServing } from "./assignments.ts";
export { attemptOfNode, outputTeam } from "./attempt-files.ts";
export { specOf } from "./create.ts";
export { sessionsUsing } from "./dataset-uses.ts";
export { placements } from "./end.ts";
export { enqueueSession, type SessionSpec } from "./enqueue.ts";
export { findEnvironment, NO_ENVIRONMENT, sameEnvironment } from "./environment.ts";
export { expireLeases } from "./expire.ts";
export { treesOfSessions } from "./files/store.ts";
export { storedByOthers } from "./gangs/store.ts";
export type { FindSessionUses } from "./life/remove.ts";
export { meterSessions } from "./meter.ts";
export { createNodeLinks, type NodeLinks } from "./node-links.ts";
export { placeSessions } from "./place.ts";
export { requeueDue } from "./requeue.ts";
export { runnerRoutes, sessionRoutes } from "./routes.ts";
export { ownSession, visibleSession } from "./show.ts";
export { isEnded, stopSession } from "./stop.ts";
export {
  countByState,
  findSession,
  findSessionOfAttempt,
  lockSession,
  lockSessionOfAttempt,
  moveCursor,
  type SessionRow,
  updateSession,
} from "./store.ts";
export { createExchange, type Exchange } from "./streams/exchange.ts";
export { whyWaiting } from "./why.ts";
