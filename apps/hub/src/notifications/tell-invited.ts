import type { EventOf } from "@podium/shared";
import { findUser } from "../accounts/index.ts";
import type { Context } from "../platform/context.ts";
import { findInvitation, membershipsOf } from "../teams/index.ts";
import { tell } from "./notify.ts";

/**
 * Tells who is invited to a team, where that address has an account: among what its personal team is told. Who has none
 * hears by mail alone, and who invites learns nothing of either.
 */
export async function tellInvited(ctx: Context, { invitation_id }: EventOf<"team.invited">): Promise<void> {
  const found = await findInvitation(ctx.db, invitation_id);
  if (found?.invitation.status !== "pending") return;
  const { invitation, team, inviter } = found;
  const user = await findUser(ctx.db, { email: invitation.email });
  const personal = user && (await membershipsOf(ctx.db, user.id)).find((each) => each.personal);
  if (!personal) return;
  const text = `${inviter} invites you to the team "${team}". Accept or decline at ${ctx.settings.publicUrl}/invitations, until ${invitation.expiresAt.toISOString()}.`;
  await ctx.db.transaction((tx) =>
    tell(ctx, tx, { kind: "team.invited", subject: invitation.id, teamId: personal.id, text }),
  );
}
