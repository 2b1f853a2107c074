import type { EventOf } from "@podium/shared";
import type { Context } from "../../platform/context.ts";
import { findInvitation, invitationToken, noteMailed } from "../../teams/index.ts";
import { type Mailer, MailRefused } from "./mailer.ts";

const DAY_MS = 86_400_000;

/**
 * Mails an invitation with its token to the address that is invited, whose owner may have no account yet. At least once;
 * what fails is thrown, so that the queue tries again, for a day and as long as nobody has answered.
 */
export async function mailInvitation(
  ctx: Context,
  mailer: Mailer,
  { invitation_id }: EventOf<"team.invited">,
): Promise<void> {
  const found = await findInvitation(ctx.db, invitation_id);
  if (found?.invitation.status !== "pending" || found.invitation.mailedAt) return;
  const { invitation, team, inviter } = found;
  if (ctx.clock.now().getTime() - invitation.createdAt.getTime() > DAY_MS) return;
  const { publicUrl, secret } = ctx.settings;
  const token = invitationToken(secret, invitation.id);
  try {
    await mailer.send({
      to: invitation.email,
      subject: `Podium: ${inviter} invites you to the team ${team}`,
      text: [
        "Hello,",
        "",
        `${inviter} invites you to the team "${team}". To accept or decline, log in (or sign up with this address) at`,
        "",
        `${publicUrl}/invitations?id=${invitation.id}&token=${token}`,
        "",
        `or: podium team accept ${invitation.id} --token ${token}`,
        "",
        `The invitation ends on ${invitation.expiresAt.toISOString()}. If it means nothing to you, do nothing.`,
        "",
      ].join("\n"),
      messageId: `<${invitation.id}@${new URL(publicUrl).hostname}>`,
      unsubscribeUrl: `${publicUrl}/notifications`,
    });
  } catch (error) {
    if (!(error instanceof MailRefused)) throw error;
    ctx.log.warn({ err: error, invitation: invitation.id }, "an invitation's mail was refused for good");
    return;
  }
  await noteMailed(ctx.db, invitation.id, ctx.clock.now());
}
