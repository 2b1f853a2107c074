export { authenticateNode } from "./authenticate.ts";
export { noteCaches } from "./note-caches.ts";
export { nodeRoutes } from "./routes.ts";
export {
  findNode,
  forgetJoinTokens,
  listNodes,
  markLost,
  markSeen,
  noteStrays,
  readSupply,
  setCapacity,
} from "./store.ts";
