import { expect, test } from "bun:test";
import { systemContext } from "../../testing/context.ts";
import { withDatabase, withRollback } from "../../testing/database.ts";
import { type Member, makeMember, makeTree } from "../../testing/factories.ts";
import { addVersion } from "./add-version.ts";
import { createDataset } from "./create-dataset.ts";
import { listVersions } from "./store.ts";

const makeDataset = (member: Member) =>
  member.db.transaction((tx) =>
    createDataset(member, tx, {
      teamId: member.team.id,
      name: "films",
      description: "",
      visibility: "team",
    }),
  );
const add = (member: Member, datasetId: string, treeId: string) =>
  member.db.transaction((tx) => addVersion(member, tx, { datasetId, treeId }));

test("versions are numbered from 1, and an older one stays what it was", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    const dataset = await makeDataset(member);
    const [first, second] = [await makeTree(member, { a: "1" }), await makeTree(member, { a: "22" })];

    expect(await add(member, dataset, first)).toMatchObject({ number: 1, tree_id: first, size_bytes: 1 });
    expect(await add(member, dataset, second)).toMatchObject({ number: 2, tree_id: second, size_bytes: 2 });

    expect((await listVersions(db, dataset)).map((row) => [row.number, row.treeId])).toEqual([
      [2, second],
      [1, first],
    ]);
  }));

test("a tree of another team, or one that nobody has pushed, can't become a version", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const [member, other] = [await makeMember(ctx), await makeMember(ctx)];
    const dataset = await makeDataset(member);
    for (const tree of [await makeTree(other, { secret: "42" }), "0".repeat(64)]) {
      await expect(add(member, dataset, tree)).rejects.toMatchObject({ code: "not_found" });
    }
    expect(await listVersions(db, dataset)).toEqual([]);
  }));

test("an unknown dataset is not found", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    const tree = await makeTree(member, { a: "1" });
    await expect(add(member, member.ids.next("dataset"), tree)).rejects.toMatchObject({ code: "not_found" });
  }));

test("a version says who pushed it, how many files it has and what is new in it", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    const datasetId = await makeDataset(member);
    const treeId = await makeTree(member, { a: "1", b: "22" });
    const added = await member.db.transaction((tx) =>
      addVersion(member, tx, { datasetId, treeId, note: "Ratings of 2026" }),
    );
    const author = member.email.split("@")[0] ?? "";
    expect(added).toMatchObject({ files: 2, size_bytes: 3, author, note: "Ratings of 2026" });
  }));

test("a member of another team can't push to a dataset, even one that everybody reads", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const [member, other] = [await makeMember(ctx), await makeMember(ctx)];
    const dataset = await makeDataset(member);
    const tree = await makeTree(other, { a: "1" });
    await expect(add(other, dataset, tree)).rejects.toMatchObject({ code: "forbidden" });
  }));

test("eight pushes at once get the numbers 1 to 8", () =>
  withDatabase(async ({ db }) => {
    const member = await makeMember(systemContext(db));
    const dataset = await makeDataset(member);
    const tree = await makeTree(member, { a: "1" });
    const added = await Promise.all(Array.from({ length: 8 }, () => add(member, dataset, tree)));
    expect(added.map(({ number }) => number).sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  }));
