import { DomainError, type Id } from "@podium/shared";
import { findUser } from "../accounts/index.ts";
import { type Context, requireAdmin } from "../platform/context.ts";
import { inTransaction } from "../platform/transaction.ts";
import type { MemberRule } from "./member-rule.ts";
import { findTeam, lockTeams } from "./store.ts";
import { takeIn } from "./take-in.ts";

/**
 * Makes a user a member of a team without asking them: for administrators alone, since it binds them where the team
 * takes part. Everybody else invites. @throws DomainError `forbidden`, `not_found`, `conflict`
 */
export async function addMember(
  ctx: Context,
  input: { slug: string; email: string; role: "admin" | "member" },
  rules: readonly MemberRule[],
) {
  requireAdmin(ctx);
  return inTransaction(ctx, async (tx) => {
    const found = await findTeam(tx, { slug: input.slug });
    const [team] = found ? await lockTeams(tx, [found.id]) : [];
    if (!team) throw new DomainError("not_found", `There is no team called "${input.slug}".`);
    const user = await findUser(tx, { email: input.email });
    if (!user)
      throw new DomainError(
        "not_found",
        `Nobody has signed up as ${input.email}. Ask them to sign up first.`,
      );
    await takeIn(ctx, tx, team, { ...user, role: input.role }, rules);
    return { user_id: user.id as Id<"user">, name: user.name, role: input.role };
  });
}
