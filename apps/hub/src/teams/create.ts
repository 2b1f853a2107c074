import { DomainError } from "@podium/shared";
import { findUser } from "../accounts/index.ts";
import { type Context, type Membership, requireUser } from "../platform/context.ts";
import { inTransaction } from "../platform/transaction.ts";
import { insertMember, insertTeam } from "./store.ts";

/** Makes a team that the signed-in user owns. @throws DomainError `conflict` when the name is taken by a team or a user */
export async function createTeam(ctx: Context, input: { slug: string }): Promise<Membership> {
  const { userId } = requireUser(ctx);
  return inTransaction(ctx, async (tx) => {
    const id = ctx.ids.next("team");
    const now = ctx.clock.now();
    const taken = (await findUser(tx, { name: input.slug })) !== null;
    if (taken || !(await insertTeam(tx, { id, slug: input.slug, personal: false, now }))) {
      throw new DomainError("conflict", `The name "${input.slug}" is taken. Choose another.`);
    }
    await insertMember(tx, { id: ctx.ids.next("event").slice(4), teamId: id, userId, role: "owner", now });
    return { id, slug: input.slug, role: "owner" as const, personal: false };
  });
}
