export { authenticateNode } from "./authenticate.ts";
export { noteCaches } from "./note-caches.ts";
export { nodeRoutes } from "./routes.ts";
export {
  fenceNode,
  fencesOf,
  findNode,
  forgetJoinTokens,
  listNodes,
  lockDevices,
  lockNode,
  markLost,
  markReady,
  nodeNames,
  noteSeen,
  readiness,
  readSupply,
  setCapacity,
} from "./store.ts";
