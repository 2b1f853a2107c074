import { expect, test } from "bun:test";
import { signUp } from "../accounts/index.ts";
import { authOf, newcomer } from "../testing/auth.ts";
import { systemContext } from "../testing/context.ts";
import { withRollback } from "../testing/database.ts";
import { makeMember } from "../testing/factories.ts";
import { createTeam } from "./create.ts";
import { resolveActor } from "./resolve-actor.ts";

test("an actor has the teams that they belong to, and no others", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const member = await makeMember(ctx);
    await makeMember(ctx);
    const { slug } = await createTeam(member, { slug: newcomer().name });
    const { userId } = member.actor as { userId: `usr_${string}` };

    const actor = await resolveActor(ctx, { userId, role: "participant" });

    expect(actor).toMatchObject({ kind: "user", userId, role: "participant" });
    const slugs = actor.kind === "user" ? actor.teams.map((team) => team.slug) : [];
    expect(slugs.sort()).toEqual([member.team.slug, slug].sort());
  }));

test("a sign-up that was cut off before its team was made is completed at the next request", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const somebody = newcomer();
    const { userId } = await signUp(ctx, authOf(ctx).auth, somebody);

    const actor = await resolveActor(ctx, { userId, role: "participant" });

    expect(actor).toMatchObject({ teams: [{ slug: somebody.name, role: "owner", personal: true }] });
  }));

test("a user who is gone is nobody", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const actor = await resolveActor(ctx, { userId: ctx.ids.next("user"), role: "admin" });
    expect(actor).toEqual({ kind: "anonymous" });
  }));
