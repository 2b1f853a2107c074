import { DomainError } from "@podium/shared";
import { type Context, mayUseTeam, requireUser } from "../platform/context.ts";
import { findEndpoint } from "./store.ts";

/** An endpoint of a team that the actor is in. @throws DomainError `unauthenticated`, `not_found` */
export async function endpointFor(ctx: Context, name: string) {
  requireUser(ctx);
  const found = await findEndpoint(ctx.db, { name });
  if (!found || !mayUseTeam(ctx, found.endpoint.teamId))
    throw new DomainError("not_found", `You have no endpoint called "${name}".`);
  return found;
}
