import { expect, test } from "bun:test";
import { systemContext } from "../testing/context.ts";
import { withRollback } from "../testing/database.ts";
import { makeMember } from "../testing/factories.ts";
import { again, makeTeam } from "../testing/teams.ts";
import { addMember } from "./add-member.ts";

test("an administrator adds a user by their address, once; then they belong to the team", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const admin = await makeMember(ctx, "admin");
    const { team } = await makeTeam(await makeMember(ctx));
    const friend = await makeMember(ctx);
    const input = { slug: team.slug, email: friend.email, role: "member" as const };

    expect(await addMember(admin, input, [])).toMatchObject({ name: friend.team.slug, role: "member" });

    const { actor } = await again(friend);
    expect(actor.kind === "user" && actor.teams.map(({ slug }) => slug)).toContain(team.slug);
    await expect(addMember(admin, { ...input, role: "admin" }, [])).rejects.toMatchObject({
      code: "conflict",
    });
  }));

test("not even an owner adds somebody unasked; who and what is unknown is said to be", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const admin = await makeMember(ctx, "admin");
    const owner = await makeTeam(await makeMember(ctx));
    const friend = await makeMember(ctx);
    const input = { slug: owner.team.slug, email: friend.email, role: "member" as const };
    await expect(addMember(owner, input, [])).rejects.toMatchObject({ code: "forbidden" });
    await expect(addMember(admin, { ...input, email: "nobody@podium.test" }, [])).rejects.toMatchObject({
      code: "not_found",
    });
    await expect(addMember(admin, { ...input, slug: "no-such-team" }, [])).rejects.toMatchObject({
      code: "not_found",
    });
  }));
