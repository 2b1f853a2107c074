import { z } from "zod";
import { idSchema } from "./ids.ts";
import { slugSchema } from "./slug.ts";

export const platformRoleSchema = z.enum(["admin", "organizer", "participant"]);
export const teamRoleSchema = z.enum(["owner", "admin", "member"]);

export const signUpSchema = z.strictObject({
  email: z.email(),
  password: z.string().min(10, "must have at least 10 characters").max(200),
  name: slugSchema.describe("Your name in addresses; also the name of your personal team"),
});
export const signInSchema = z.strictObject({ email: z.email(), password: z.string().max(200) });

export const teamSchema = z
  .object({ id: idSchema("team"), slug: slugSchema, role: teamRoleSchema, personal: z.boolean() })
  .meta({ id: "Team" });

export const meSchema = z
  .object({
    id: idSchema("user"),
    email: z.email(),
    name: z.string(),
    role: platformRoleSchema,
    teams: z.array(teamSchema),
  })
  .meta({ id: "Me" });
export type Me = z.infer<typeof meSchema>;

export const createTokenSchema = z.strictObject({
  name: z.string().min(1).max(100),
  expires_in_days: z.number().int().positive().max(3650).optional(),
});
export const tokenSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    start: z.string().describe("First characters, to recognise it by"),
    created_at: z.iso.datetime({ offset: true }),
    expires_at: z.iso.datetime({ offset: true }).nullable(),
  })
  .meta({ id: "ApiToken" });
export const newTokenSchema = tokenSchema
  .extend({ token: z.string().describe("Shown once") })
  .meta({ id: "NewApiToken" });

export const createTeamSchema = z.strictObject({ slug: slugSchema });
export const addMemberSchema = z.strictObject({
  email: z.email(),
  role: teamRoleSchema.exclude(["owner"]).default("member"),
});
export const memberSchema = z
  .object({ user_id: idSchema("user"), name: z.string(), role: teamRoleSchema })
  .meta({ id: "Member" });
