import { DomainError } from "@podium/shared";
import { type Context, requireUser } from "../platform/context.ts";
import { deleteToken } from "./store.ts";

/** Revokes one of the signed-in user's API tokens; it may be believed for a few seconds more (see identify.ts). */
export async function revokeToken(ctx: Context, id: string): Promise<void> {
  const { userId } = requireUser(ctx);
  if (!(await deleteToken(ctx.db, userId, id)))
    throw new DomainError("not_found", "You have no API token with this id.");
}
