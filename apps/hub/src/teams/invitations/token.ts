import { createHmac } from "node:crypto";

/** What an invitation's mail carries: proves that who accepts reads that mailbox. Derived, so that nothing secret is stored. */
export function invitationToken(hubSecret: string, invitationId: string): string {
  return createHmac("sha256", hubSecret).update(`team-invitation:${invitationId}`).digest("base64url");
}
