import { findUser, type Identity } from "../accounts/index.ts";
import type { Actor, Context } from "../platform/context.ts";
import { ensurePersonalTeam } from "./ensure-personal-team.ts";
import { membershipsOf } from "./store.ts";

/** The actor of an identified user: who they are, and the teams whose rows they may touch. */
export async function resolveActor(ctx: Context, identity: Identity): Promise<Actor> {
  let teams = await membershipsOf(ctx.db, identity.userId);
  if (!teams.some((team) => team.personal)) {
    const user = await findUser(ctx.db, { id: identity.userId });
    if (!user) return { kind: "anonymous" };
    await ctx.db.transaction((tx) => ensurePersonalTeam(ctx, tx, user));
    teams = await membershipsOf(ctx.db, identity.userId);
  }
  return { kind: "user", ...identity, teams };
}
