export { authenticateNode } from "./authenticate.ts";
export { noteCaches } from "./note-caches.ts";
export { nodeRoutes } from "./routes.ts";
export {
  fenceNode,
  findNode,
  forgetJoinTokens,
  listNodes,
  lockNode,
  markLost,
  markReady,
  nodeNames,
  noteSeen,
  readSupply,
  setCapacity,
} from "./store.ts";
