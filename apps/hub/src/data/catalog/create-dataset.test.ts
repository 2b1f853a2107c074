import { expect, test } from "bun:test";
import { systemContext, type TestContext } from "../../testing/context.ts";
import { withRollback } from "../../testing/database.ts";
import { type Member, makeMember } from "../../testing/factories.ts";
import { createDataset } from "./create-dataset.ts";
import { findDataset, grantDataset, listDatasets, type Search } from "./store.ts";

type Visibility = "public" | "team" | "private";
const create = (member: Member, name: string, visibility: Visibility) =>
  member.db.transaction((tx) =>
    createDataset(member, tx, { teamId: member.team.id, name, description: "", visibility }),
  );
const names = async (ctx: TestContext, teams: string[], userId: string | null) =>
  (await listDatasets(ctx.db, { teams, userId }, EVERYTHING, 50)).map((row) => row.name);
const EVERYTHING: Search = { words: [], tags: [], sort: "name", after: null };

test("a new dataset is empty and the team's; a second one of its name conflicts", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    await create(member, "films", "team");
    const found = await findDataset(db, member.team.slug, "films", { teams: [member.team.id], userId: null });
    expect(found).toMatchObject({ team: member.team.slug, number: null, tags: [] });
    await expect(create(member, "films", "public")).rejects.toMatchObject({ code: "conflict" });
  }));

test("two teams may each have a dataset of the same name", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const [ann, bob] = [await makeMember(ctx), await makeMember(ctx)];
    expect(await create(ann, "films", "team")).not.toBe(await create(bob, "films", "team"));
  }));

test("public datasets are everybody's, a team's are its members', private ones are their maker's alone", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const [ann, bob] = [await makeMember(ctx), await makeMember(ctx)];
    for (const visibility of ["public", "team", "private"] as const)
      await create(ann, `${visibility}-films`, visibility);
    const maker = ann.actor.kind === "user" ? ann.actor.userId : null;
    const colleague = bob.actor.kind === "user" ? bob.actor.userId : null;

    expect(await names(ctx, [ann.team.id], maker)).toEqual(["private-films", "public-films", "team-films"]);
    expect(await names(ctx, [ann.team.id, bob.team.id], colleague)).toEqual(["public-films", "team-films"]);
    expect(await names(ctx, [bob.team.id], colleague)).toEqual(["public-films"]);
    expect(await names(ctx, [], null)).toEqual(["public-films"]);
  }));

test("a team that was granted a private dataset reads it, and no other team does", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const [ann, bob, eve] = [await makeMember(ctx), await makeMember(ctx), await makeMember(ctx)];
    const id = await create(ann, "films", "private");
    await db.transaction((tx) => grantDataset(tx, id, [bob.team.id], ctx.clock.now()));
    await db.transaction((tx) => grantDataset(tx, id, [bob.team.id], ctx.clock.now()));

    const seen = (who: Member) =>
      findDataset(db, ann.team.slug, "films", { teams: [who.team.id], userId: "usr_somebody" });
    expect(await seen(bob)).toMatchObject({ id });
    expect(await seen(eve)).toBeNull();
  }));
