import type { TeamInvitation } from "@podium/shared";
import { findUser } from "../../accounts/index.ts";
import { type Context, requireUser, resolveTeam } from "../../platform/context.ts";
import { showInvitation } from "./show.ts";
import { invitationsOfTeam, invitationsTo } from "./store.ts";

/** A team's invitations, newest first, for its members. @throws DomainError `forbidden` */
export async function teamsInvitations(
  ctx: Context,
  slug: string,
  sendsMail: boolean,
): Promise<TeamInvitation[]> {
  const team = resolveTeam(ctx, slug);
  const rows = await invitationsOfTeam(ctx.db, team.id);
  return rows.map((row) => showInvitation(row, ctx.clock.now(), sendsMail));
}

/** The invitations that wait for the actor's answer. */
export async function ownInvitations(ctx: Context, sendsMail: boolean): Promise<TeamInvitation[]> {
  const { userId } = requireUser(ctx);
  const user = await findUser(ctx.db, { id: userId });
  const now = ctx.clock.now();
  const rows = user ? await invitationsTo(ctx.db, user.email, now) : [];
  return rows.map((row) => showInvitation(row, now, sendsMail && user?.emailVerified === false));
}
