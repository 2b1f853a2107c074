import { DomainError } from "@podium/shared";
import type { Context } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import type { TeamOptions } from "../member-rule.ts";
import { lockTeams } from "../store.ts";
import { takeIn } from "../take-in.ts";
import { addressedInvitation } from "./addressed.ts";
import { settleInvitation } from "./store.ts";

/** Joins the team that the actor is invited to, once. @throws DomainError as `addressedInvitation` and `takeIn` */
export async function acceptInvitation(
  ctx: Context,
  tx: Tx,
  input: { id: string; token?: string | undefined },
  options: TeamOptions,
): Promise<{ team: string }> {
  const { invitation, user } = await addressedInvitation(ctx, tx, input, options.sendsMail);
  const [team] = await lockTeams(tx, [invitation.organizationId]);
  // Of several at once, one gets past this line.
  if (!team || !(await settleInvitation(tx, invitation.id, "accepted")))
    throw new DomainError("conflict", "This invitation has been answered already.");
  await takeIn(ctx, tx, team, { ...user, role: invitation.role ?? "member" }, options.rules);
  return { team: team.slug };
}
