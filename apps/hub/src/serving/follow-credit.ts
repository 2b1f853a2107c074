import type { Context } from "../platform/context.ts";
import { teamRoutesChanged } from "./keys/team-routes-changed.ts";

/** A team's credit is used up, or there is some again: gateways refuse its endpoints' calls, or take them. */
export async function creditChanged(ctx: Context, teamId: string): Promise<void> {
  await ctx.db.transaction((tx) => teamRoutesChanged(ctx, tx, teamId));
}
