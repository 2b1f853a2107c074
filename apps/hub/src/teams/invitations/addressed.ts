import { DomainError } from "@podium/shared";
import { findUser } from "../../accounts/index.ts";
import { type Context, requireUser } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { secretsEqual } from "../../platform/secrets.ts";
import { findInvitation } from "./store.ts";
import { invitationToken } from "./token.ts";

/**
 * An invitation that waits for the actor's answer, and who they are. Those to others are answered as those that are not
 * there, so that ids can't be probed.
 * @throws DomainError `not_found`, `conflict` when it was answered or is too old, `forbidden` without the mailed token
 */
export async function addressedInvitation(
  ctx: Context,
  tx: Tx,
  input: { id: string; token?: string | undefined },
  sendsMail: boolean,
) {
  const { userId } = requireUser(ctx);
  const user = await findUser(tx, { id: userId });
  const found = await findInvitation(tx, input.id);
  if (!user || !found || found.invitation.email !== user.email.toLowerCase())
    throw new DomainError(
      "not_found",
      "There is no such invitation to your address. See: podium team invitations.",
    );
  const { status, expiresAt } = found.invitation;
  if (status !== "pending") throw new DomainError("conflict", `This invitation has been ${status} already.`);
  if (expiresAt <= ctx.clock.now())
    throw new DomainError(
      "conflict",
      `This invitation expired on ${expiresAt.toISOString()}. Ask for another.`,
    );
  // An address is what somebody signed up with; that it is theirs is known only by what was mailed to it.
  const proven = !sendsMail || user.emailVerified;
  if (!proven && !secretsEqual(input.token ?? "", invitationToken(ctx.settings.secret, input.id)))
    throw new DomainError("forbidden", "Accepting takes the token of the mail that invited you: --token.");
  return { ...found, user };
}
