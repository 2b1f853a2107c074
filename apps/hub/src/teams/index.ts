export { ensurePersonalTeam } from "./ensure-personal-team.ts";
export { resolveActor } from "./resolve-actor.ts";
export { teamRoutes } from "./routes.ts";
export { findTeam, type TeamRow } from "./store.ts";
