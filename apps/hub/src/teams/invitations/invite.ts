import { DomainError, type TeamInvitation } from "@podium/shared";
import { type Context, requireUser, resolveTeam } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { emit } from "../../platform/outbox.ts";
import { lockTeams, lockUser, peopleOf } from "../store.ts";
import { refusePersonal } from "../take-in.ts";
import { showInvitation } from "./show.ts";
import { countInvitations, findInvitation, insertInvitation, isInvited } from "./store.ts";

const DAY_MS = 86_400_000;
const VALID_MS = 14 * DAY_MS;
const WAITING_PER_TEAM = 50;
const MADE_A_DAY = 100;

/**
 * Asks somebody by their address to join a team; only its owner and admins may. Whether there is an account of that
 * address makes no difference to the answer. @throws DomainError `forbidden`, `conflict`, `limit_reached`
 */
export async function invite(
  ctx: Context,
  tx: Tx,
  input: { slug: string; email: string; role: "admin" | "member" },
  sendsMail: boolean,
): Promise<TeamInvitation> {
  const { userId } = requireUser(ctx);
  const team = resolveTeam(ctx, input.slug);
  if (team.role === "member")
    throw new DomainError("forbidden", `Only an owner or admin of "${team.slug}" may invite.`);
  refusePersonal(team);
  const email = input.email.toLowerCase();
  const now = ctx.clock.now();
  await lockTeams(tx, [team.id]);
  await lockUser(tx, userId);
  if ((await peopleOf(tx, team.id)).some((person) => person.email === email))
    throw new DomainError("conflict", `${email} is a member of "${team.slug}" already.`);
  if (await isInvited(tx, team.id, email, now))
    throw new DomainError("conflict", `${email} is invited already. Revoke that invitation to make another.`);
  const since = new Date(now.getTime() - DAY_MS);
  const { waiting, made } = await countInvitations(tx, { teamId: team.id, inviterId: userId }, now, since);
  if (waiting >= WAITING_PER_TEAM)
    throw new DomainError("limit_reached", `${waiting} invitations wait for an answer; revoke some first.`);
  if (made >= MADE_A_DAY)
    throw new DomainError("limit_reached", `You have invited ${made} within a day. Go on tomorrow.`, {
      retry_after_seconds: DAY_MS / 1000,
    });
  const id = ctx.ids.next("teamInvitation");
  await insertInvitation(tx, {
    id,
    organizationId: team.id,
    email,
    role: input.role,
    status: "pending",
    inviterId: userId,
    createdAt: now,
    expiresAt: new Date(now.getTime() + VALID_MS),
  });
  await emit(ctx, tx, { type: "team.invited", team_id: team.id, invitation_id: id });
  const stored = await findInvitation(tx, id);
  if (!stored) throw new Error("The invitation was not stored.");
  return showInvitation(stored, now, sendsMail);
}
