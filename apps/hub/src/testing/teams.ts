import type { SubmissionRow } from "../competitions/store.ts";
import { submit } from "../competitions/submissions/submit.ts";
import { createTeam } from "../teams/create.ts";
import type { MemberRule } from "../teams/member-rule.ts";
import { removeMember } from "../teams/remove-member.ts";
import { resolveActor } from "../teams/resolve-actor.ts";
import { insertMember, listMembers, lockTeams } from "../teams/store.ts";
import { takeIn } from "../teams/take-in.ts";
import { as } from "./context.ts";
import { type Member, makeTree } from "./factories.ts";
import { predictions } from "./submissions.ts";

let counter = 0;

/** A user's id, name and address. */
export function userOf(member: Member) {
  if (member.actor.kind !== "user") throw new Error("not a user");
  const [name = ""] = member.email.split("@");
  return { id: member.actor.userId, name, email: member.email };
}

/** The member as they are seen at their next request, acting for the same team. */
export async function again(member: Member): Promise<Member> {
  const { actor } = member;
  if (actor.kind !== "user") throw new Error("not a user");
  return { ...member, ...as(member, await resolveActor(member, actor)) };
}

/** A team of these, the first of whom owns it and acts for it. */
export async function makeTeam(owner: Member, ...others: readonly Member[]): Promise<Member> {
  const team = await createTeam(owner, { slug: `team-${process.pid.toString(36)}-${++counter}` });
  await owner.db.transaction(async (tx) => {
    for (const other of others)
      await insertMember(tx, {
        id: owner.ids.next("event").slice(4),
        teamId: team.id,
        userId: userOf(other).id,
        role: "member",
        now: owner.clock.now(),
      });
  });
  return { ...(await again(owner)), team };
}

/** Submits a prediction file for the team that the member acts for. */
export async function submitFor(member: Member, competition: string): Promise<SubmissionRow> {
  const tree_id = await makeTree(member, { "predictions.csv": predictions() });
  const what = { kind: "predictions" as const, team: member.team.slug, tree_id };
  return member.db.transaction((tx) => submit(member, tx, competition, what));
}

/** The people of the team that the member acts for. */
export const membersOf = (member: Member) => listMembers(member.db, member.team.id);

/** The friend becomes a member of the team, if these rules let them. */
export const take = (team: Member, friend: Member, rule: MemberRule) =>
  team.db.transaction(async (tx) => {
    const [row] = await lockTeams(tx, [team.team.id]);
    if (!row) throw new Error("no team");
    await takeIn(team, tx, row, { ...userOf(friend), role: "member" }, [rule]);
  });

/** The member leaves the team by themselves. */
export const leave = (who: Member, slug: string, rule: MemberRule) =>
  who.db.transaction((tx) => removeMember(who, tx, { slug, name: userOf(who).name }, [rule]));
