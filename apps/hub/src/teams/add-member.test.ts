import { expect, test } from "bun:test";
import { newcomer } from "../testing/auth.ts";
import { as, systemContext, type TestContext } from "../testing/context.ts";
import { withRollback } from "../testing/database.ts";
import { type Member, makeMember } from "../testing/factories.ts";
import { addMember } from "./add-member.ts";
import { createTeam } from "./create.ts";
import { resolveActor } from "./resolve-actor.ts";

/** The member as they are seen at their next request. */
async function again(ctx: TestContext, member: Member): Promise<TestContext> {
  const { userId, role } = member.actor as { userId: `usr_${string}`; role: "participant" };
  return as(ctx, await resolveActor(ctx, { userId, role }));
}

test("an owner adds a user by their address, once; then they belong to the team", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const { slug } = await createTeam(member, { slug: newcomer().name });
    const owner = await again(ctx, member);
    const friend = await makeMember(ctx);

    const added = await addMember(owner, { slug, email: friend.email, role: "member" });

    expect(added).toMatchObject({ name: friend.team.slug, role: "member" });
    const seen = (await again(ctx, friend)).actor;
    expect(seen.kind === "user" && seen.teams.map((team) => team.slug)).toContain(slug);
    const twice = addMember(owner, { slug, email: friend.email, role: "admin" });
    await expect(twice).rejects.toMatchObject({ code: "conflict" });
  }));

test("a plain member adds nobody, nor does an outsider; a stranger is asked to sign up", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const { slug } = await createTeam(member, { slug: newcomer().name });
    const owner = await again(ctx, member);
    const friend = await makeMember(ctx);
    const outsider = await makeMember(ctx);
    await addMember(owner, { slug, email: friend.email, role: "member" });

    const byMember = addMember(await again(ctx, friend), { slug, email: outsider.email, role: "member" });
    await expect(byMember).rejects.toMatchObject({ code: "forbidden" });
    const byOutsider = addMember(outsider, { slug, email: outsider.email, role: "admin" });
    await expect(byOutsider).rejects.toMatchObject({ code: "forbidden" });
    const stranger = addMember(owner, { slug, email: "nobody@podium.test", role: "member" });
    await expect(stranger).rejects.toMatchObject({ code: "not_found" });
  }));
