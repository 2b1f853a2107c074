import { DomainError, type Id } from "@podium/shared";
import { findUser } from "../accounts/index.ts";
import { type Context, type Membership, requireUser } from "../platform/context.ts";
import type { Tx } from "../platform/database.ts";
import { inTransaction } from "../platform/transaction.ts";
import { insertMember, insertTeam } from "./store.ts";

/** Makes a team that the signed-in user owns. @throws DomainError `conflict` when the name is taken by a team or a user */
export async function createTeam(ctx: Context, input: { slug: string }): Promise<Membership> {
  const { userId } = requireUser(ctx);
  return inTransaction(ctx, async (tx) => {
    const team = await newTeam(ctx, tx, { slug: input.slug, owners: [{ id: userId }], members: [] });
    return { ...team, role: "owner" as const, personal: false };
  });
}

/** Makes a team of these people, in the caller's transaction. @throws DomainError `conflict` when the name is taken */
export async function newTeam(
  ctx: Context,
  tx: Tx,
  input: { slug: string; owners: readonly { id: string }[]; members: readonly { id: string }[] },
): Promise<{ id: Id<"team">; slug: string }> {
  const { slug } = input;
  const id = ctx.ids.next("team");
  const now = ctx.clock.now();
  const taken = (await findUser(tx, { name: slug })) !== null;
  if (taken || !(await insertTeam(tx, { id, slug, personal: false, now })))
    throw new DomainError("conflict", `The name "${slug}" is taken. Choose another.`);
  const roles = [
    ...input.owners.map((user) => ({ userId: user.id, role: "owner" as const })),
    ...input.members.map((user) => ({ userId: user.id, role: "member" as const })),
  ];
  for (const { userId, role } of roles)
    await insertMember(tx, { id: ctx.ids.next("event").slice(4), teamId: id, userId, role, now });
  return { id, slug };
}
