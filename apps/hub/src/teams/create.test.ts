import { expect, test } from "bun:test";
import { newcomer } from "../testing/auth.ts";
import { systemContext } from "../testing/context.ts";
import { withRollback } from "../testing/database.ts";
import { makeMember } from "../testing/factories.ts";
import { createTeam } from "./create.ts";
import { listMembers } from "./store.ts";

test("who makes a team owns it", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    const team = await createTeam(member, { slug: newcomer().name });
    expect(team).toMatchObject({ role: "owner", personal: false });
    expect(await listMembers(db, team.id)).toMatchObject([{ name: member.team.slug, role: "owner" }]);
  }));

test("the name of a team or of a user is taken", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    const { slug } = await createTeam(member, { slug: newcomer().name });
    const other = await makeMember(ctx);
    for (const taken of [slug, member.team.slug]) {
      await expect(createTeam(other, { slug: taken })).rejects.toMatchObject({ code: "conflict" });
    }
  }));
