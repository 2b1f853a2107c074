import { DomainError, type Id } from "@podium/shared";
import { findUser } from "../accounts/index.ts";
import { type Context, resolveTeam } from "../platform/context.ts";
import { inTransaction } from "../platform/transaction.ts";
import { insertMember } from "./store.ts";

/** Adds a user to a team; only its owner and admins may. @throws DomainError `forbidden`, `not_found`, `conflict` */
export async function addMember(
  ctx: Context,
  input: { slug: string; email: string; role: "admin" | "member" },
) {
  const team = resolveTeam(ctx, input.slug);
  if (team.role === "member")
    throw new DomainError("forbidden", `Only an owner or admin of "${team.slug}" may add members.`);
  return inTransaction(ctx, async (tx) => {
    const user = await findUser(tx, { email: input.email });
    if (!user)
      throw new DomainError(
        "not_found",
        `Nobody has signed up as ${input.email}. Ask them to sign up first.`,
      );
    const id = ctx.ids.next("event").slice(4);
    const added = await insertMember(tx, {
      id,
      teamId: team.id,
      userId: user.id,
      role: input.role,
      now: ctx.clock.now(),
    });
    if (!added) throw new DomainError("conflict", `${input.email} is a member of "${team.slug}" already.`);
    return { user_id: user.id as Id<"user">, name: user.name, role: input.role };
  });
}
