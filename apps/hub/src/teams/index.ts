export { resolveActor } from "./resolve-actor.ts";
export { teamRoutes } from "./routes.ts";
export { findTeam } from "./store.ts";
