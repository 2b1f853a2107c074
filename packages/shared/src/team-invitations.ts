import { z } from "zod";
import { teamRoleSchema } from "./accounts.ts";
import { idSchema } from "./ids.ts";
import { slugSchema } from "./slug.ts";

const instant = z.iso.datetime({ offset: true });

export const inviteSchema = z.strictObject({
  email: z.email().max(200),
  role: teamRoleSchema.exclude(["owner"]).default("member"),
});

export const teamInvitationSchema = z
  .object({
    id: idSchema("teamInvitation"),
    team: slugSchema,
    email: z.string(),
    role: teamRoleSchema.exclude(["owner"]),
    invited_by: z.string(),
    state: z.enum(["pending", "accepted", "declined", "revoked", "expired"]),
    needs_token: z.boolean().describe("Whether accepting takes the token that was mailed to the address"),
    created_at: instant,
    expires_at: instant,
  })
  .meta({ id: "TeamInvitation" });
export type TeamInvitation = z.infer<typeof teamInvitationSchema>;

export const answerInvitationSchema = z.strictObject({
  token: z.string().max(200).optional().describe("From the mail, where this hub sends mail"),
});
