import { expect, test } from "bun:test";
import { systemContext } from "../../testing/context.ts";
import { withRollback } from "../../testing/database.ts";
import { type Member, makeMember, makeTree } from "../../testing/factories.ts";
import { makeTeam } from "../../testing/teams.ts";
import { addVersion } from "./add-version.ts";
import { createDataset } from "./create-dataset.ts";
import { resolveMount } from "./resolve-mount.ts";
import { findDataset, grantDataset } from "./store.ts";

/** A dataset of the member, with one version for each text. */
async function makeDataset(
  member: Member,
  name: string,
  visibility: "public" | "team" | "private",
  texts: string[],
): Promise<string[]> {
  const trees: string[] = [];
  for (const text of texts) trees.push(await makeTree(member, { "data.csv": text }));
  await member.db.transaction(async (tx) => {
    const input = { teamId: member.team.id, name, description: "", visibility };
    const datasetId = await createDataset(member, tx, input);
    for (const treeId of trees) await addVersion(member, tx, { datasetId, treeId });
  });
  return trees;
}
const resolve = (member: Member, reference: string) =>
  member.db.transaction((tx) => resolveMount(member, tx, reference, member.team));

test("a bare name is the team's own dataset, in its newest version unless another is named", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    const [first, second] = await makeDataset(member, "films", "team", ["a", "bb"]);
    expect(await resolve(member, "films")).toMatchObject({
      name: "films",
      tree_id: second,
      size_bytes: 2,
      version: 2,
    });
    expect(await resolve(member, "films@1")).toMatchObject({ tree_id: first });
    expect(await resolve(member, `${member.team.slug}/films@2`)).toMatchObject({ tree_id: second });
  }));

test("one's own dataset counts before public ones of its name, however many there are", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    for (let other = 0; other < 11; other++)
      await makeDataset(await makeMember(ctx), "films", "public", [`${other}`]);
    const member = await makeMember(ctx);
    const [own] = await makeDataset(member, "films", "team", ["mine"]);
    expect(await resolve(member, "films")).toMatchObject({ tree_id: own });
  }));

test("a bare name that several others bear is ambiguous: the answer lists them", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const [ann, bob, eve] = [await makeMember(ctx), await makeMember(ctx), await makeMember(ctx)];
    await makeDataset(ann, "films", "public", ["a"]);
    expect(await resolve(eve, "films")).toMatchObject({ name: "films" });
    await makeDataset(bob, "films", "public", ["b"]);
    await expect(resolve(eve, "films")).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining(`${ann.team.slug}/films, ${bob.team.slug}/films`),
    });
  }));

test("another team's dataset is not found, by bare or by full name", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const [ann, eve] = [await makeMember(ctx), await makeMember(ctx)];
    await makeDataset(ann, "films", "team", ["a"]);
    for (const reference of ["films", `${ann.team.slug}/films`, `${ann.team.slug}/films@1`]) {
      await expect(resolve(eve, reference)).rejects.toMatchObject({ code: "not_found" });
    }
  }));

test("a private dataset is mounted by its maker and not by another member of the team", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const [ann, bob] = [await makeMember(ctx), await makeMember(ctx)];
    await makeDataset(ann, "films", "private", ["a"]);
    expect(await resolve(ann, "films")).toMatchObject({ name: "films" });
    const colleague = { ...bob, team: ann.team };
    await expect(resolve(colleague, "films")).rejects.toMatchObject({ code: "not_found" });
  }));

test("a version that doesn't exist, and a dataset without any, say so", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    await makeDataset(member, "films", "team", ["a"]);
    await makeDataset(member, "empty", "team", []);
    await expect(resolve(member, "films@7")).rejects.toThrow('Dataset "films@7" has no version 7.');
    await expect(resolve(member, "empty")).rejects.toThrow('Dataset "empty" has no version yet.');
  }));

test.each([
  "",
  "a/b/c",
  "../films",
  "films@",
  "films@-1",
  "films@1.5",
  "Films",
  "a b",
  "x'; drop table datasets",
])("%j is no dataset's name", (reference) =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    await expect(resolve(member, reference)).rejects.toMatchObject({ code: "invalid_request" });
  }),
);

test("where another team of the person may read it, the refusal names that team", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const [owner, solo] = [await makeMember(ctx), await makeMember(ctx)];
    const crew = await makeTeam(solo);
    await makeDataset(owner, "films", "private", ["a"]);
    const path = `${owner.team.slug}/films`;
    const refused = () =>
      db.transaction((tx) => resolveMount(crew, tx, path, solo.team)).catch((error: Error) => error.message);
    expect(await refused()).toBe(`There is no dataset "${path}" that team "${solo.team.slug}" may read.`);
    const { id } = (await findDataset(db, owner.team.slug, "films", { teams: null, userId: null })) ?? {
      id: "",
    };
    await db.transaction((tx) => grantDataset(tx, id, [crew.team.id], ctx.clock.now()));
    expect(await refused()).toEndWith(`; ${crew.team.slug} may: name it with --team ${crew.team.slug}.`);
    expect(await db.transaction((tx) => resolveMount(crew, tx, path, crew.team))).toMatchObject({
      version: 1,
    });
  }));
