import { DomainError } from "@podium/shared";
import type { Context, TeamRole } from "../platform/context.ts";
import type { Tx } from "../platform/database.ts";
import type { MemberRule } from "./member-rule.ts";
import { insertMember, type TeamRow } from "./store.ts";

/**
 * Makes a user a member of a locked team, if nothing speaks against it.
 * @throws DomainError `conflict` for a personal team, a member, or what a rule says
 */
export async function takeIn(
  ctx: Context,
  tx: Tx,
  team: TeamRow,
  user: { id: string; name: string; email: string; role: Exclude<TeamRole, "owner"> },
  rules: readonly MemberRule[],
): Promise<void> {
  refusePersonal(team);
  for (const rule of rules) await rule(ctx, tx, { kind: "joins", team, user });
  const added = await insertMember(tx, {
    id: ctx.ids.next("event").slice(4),
    teamId: team.id,
    userId: user.id,
    role: user.role,
    now: ctx.clock.now(),
  });
  if (!added) throw new DomainError("conflict", `${user.name} is a member of "${team.slug}" already.`);
}

/** @throws DomainError `conflict` */
export function refusePersonal(team: { slug: string; personal: boolean }): void {
  if (team.personal)
    throw new DomainError(
      "conflict",
      `"${team.slug}" is a personal team and takes no members. Make a team for all of you: podium team create NAME.`,
    );
}
