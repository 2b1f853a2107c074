export { authenticateNode } from "./authenticate.ts";
export { nodeRoutes } from "./routes.ts";
export type { NodeUsage } from "./schema.ts";
export {
  type DeviceRow,
  findNode,
  forgetJoinTokens,
  listNodes,
  markLost,
  markSeen,
  readSupply,
  setCachedTrees,
  setCapacity,
} from "./store.ts";
