import type { Id, TeamInvitation } from "@podium/shared";
import type { ShownInvitation } from "./store.ts";

export function showInvitation(
  { invitation, team, inviter }: ShownInvitation,
  now: Date,
  needsToken: boolean,
): TeamInvitation {
  const isExpired = invitation.status === "pending" && invitation.expiresAt <= now;
  return {
    id: invitation.id as Id<"teamInvitation">,
    team,
    email: invitation.email,
    role: invitation.role ?? "member",
    invited_by: inviter,
    state: isExpired ? "expired" : invitation.status,
    needs_token: needsToken,
    created_at: invitation.createdAt.toISOString(),
    expires_at: invitation.expiresAt.toISOString(),
  };
}
