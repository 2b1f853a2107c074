import { DomainError } from "@podium/shared";
import type { Context } from "../platform/context.ts";
import type { Tx } from "../platform/database.ts";
import { findTeam, insertMember, insertTeam } from "./store.ts";

/**
 * Gives a user the team that bears their name. Done at sign-up, and again at the first request of a user whose
 * sign-up was cut off between the two.
 */
export async function ensurePersonalTeam(
  ctx: Context,
  tx: Tx,
  user: { id: string; name: string },
): Promise<void> {
  const now = ctx.clock.now();
  await insertTeam(tx, { id: ctx.ids.next("team"), slug: user.name, personal: true, now });
  const team = await findTeam(tx, { slug: user.name });
  if (!team?.personal)
    throw new DomainError("conflict", `The name "${user.name}" is taken by a team. Choose another.`);
  await insertMember(tx, {
    id: ctx.ids.next("event").slice(4),
    teamId: team.id,
    userId: user.id,
    role: "owner",
    now,
  });
}
