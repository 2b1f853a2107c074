import { DomainError } from "@podium/shared";
import { type Context, requireUser, resolveTeam } from "../platform/context.ts";
import type { Tx } from "../platform/database.ts";
import type { MemberRule } from "./member-rule.ts";
import { deleteMember, lockTeams, peopleOf } from "./store.ts";

/**
 * Takes a member out of a team: anybody themselves, others only its owner and admins. The owner stays.
 * @throws DomainError `forbidden`, `not_found`, `conflict` for the owner, or when a rule says so
 */
export async function removeMember(
  ctx: Context,
  tx: Tx,
  input: { slug: string; name: string },
  rules: readonly MemberRule[],
): Promise<void> {
  const { userId } = requireUser(ctx);
  const own = resolveTeam(ctx, input.slug);
  const [team] = await lockTeams(tx, [own.id]);
  const people = await peopleOf(tx, own.id);
  // As it is now: the actor may have been taken out or made less since the request began.
  const actor = people.find(({ id }) => id === userId);
  const user = people.find(({ name }) => name === input.name);
  if (!team || !actor || !user)
    throw new DomainError("not_found", `"${own.slug}" has no member called "${input.name}".`);
  if (user.id !== actor.id && actor.role === "member")
    throw new DomainError("forbidden", `Only an owner or admin of "${own.slug}" may take out others.`);
  if (user.role === "owner")
    throw new DomainError("conflict", `${user.name} owns "${own.slug}" and stays in it.`);
  for (const rule of rules) await rule(ctx, tx, { kind: "leaves", team, user });
  await deleteMember(tx, team.id, user.id);
}
