import { DomainError } from "@podium/shared";
import { type Context, resolveTeam } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { findInvitation, settleInvitation } from "./store.ts";

/** Takes back an invitation that waits; only the team's owner and admins may. @throws DomainError `forbidden`, `not_found`, `conflict` */
export async function revokeInvitation(
  ctx: Context,
  tx: Tx,
  input: { slug: string; id: string },
): Promise<void> {
  const team = resolveTeam(ctx, input.slug);
  if (team.role === "member")
    throw new DomainError("forbidden", `Only an owner or admin of "${team.slug}" may revoke invitations.`);
  const found = await findInvitation(tx, input.id);
  if (!found || found.invitation.organizationId !== team.id)
    throw new DomainError("not_found", `"${team.slug}" has no invitation ${input.id}.`);
  if (!(await settleInvitation(tx, input.id, "revoked")))
    throw new DomainError("conflict", `This invitation has been ${found.invitation.status} already.`);
}
