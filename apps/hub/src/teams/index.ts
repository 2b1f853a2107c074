export { newTeam } from "./create.ts";
export { findInvitation, noteMailed } from "./invitations/store.ts";
export { invitationToken } from "./invitations/token.ts";
export type { MemberChange, MemberRule } from "./member-rule.ts";
export { resolveActor } from "./resolve-actor.ts";
export { teamRoutes } from "./routes.ts";
export { findTeam, lockTeams, membershipsOf, type Person, peopleOf, type TeamRow } from "./store.ts";
export { takeIn } from "./take-in.ts";
