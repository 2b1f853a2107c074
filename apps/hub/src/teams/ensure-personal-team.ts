import type { Context } from "../platform/context.ts";
import type { Tx } from "../platform/database.ts";
import { insertMember, insertTeam, lockUser, membershipsOf } from "./store.ts";

/**
 * Gives a user the team that bears their name, or their name and a number where a team had it first. Done at
 * sign-up, and again at the first request of a user whose sign-up was cut off between the two.
 */
export async function ensurePersonalTeam(
  ctx: Context,
  tx: Tx,
  user: { id: string; name: string },
): Promise<void> {
  // Two first requests at once make one team.
  await lockUser(tx, user.id);
  if ((await membershipsOf(tx, user.id)).some((team) => team.personal)) return;

  const now = ctx.clock.now();
  const id = ctx.ids.next("team");
  for (let number = 1; ; number++) {
    const slug = number === 1 ? user.name : `${user.name.slice(0, 60)}-${number}`;
    if (await insertTeam(tx, { id, slug, personal: true, now })) break;
  }
  await insertMember(tx, {
    id: ctx.ids.next("event").slice(4),
    teamId: id,
    userId: user.id,
    role: "owner",
    now,
  });
}
