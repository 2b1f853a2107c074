export { authenticateNode } from "./authenticate.ts";
export { nodeRoutes } from "./routes.ts";
export {
  findNode,
  forgetJoinTokens,
  listNodes,
  markLost,
  markSeen,
  readSupply,
  setCachedTrees,
  setCapacity,
} from "./store.ts";
