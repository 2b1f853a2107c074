import { expect, test } from "bun:test";
import { systemContext } from "../../testing/context.ts";
import { withRollback } from "../../testing/database.ts";
import { type Member, makeDataset, makeMember, makeTree } from "../../testing/factories.ts";
import { addVersion } from "./add-version.ts";
import { type FindUses, removeDataset, removeVersion } from "./remove-dataset.ts";
import { grantDataset, listVersions } from "./store.ts";

const remove = (member: Member, owner: Member, uses: FindUses[] = []) =>
  member.db.transaction((tx) => removeDataset(member, tx, { team: owner.team.slug, name: "films" }, uses));
const removeOne = (member: Member, number: number, uses: FindUses[] = []) =>
  member.db.transaction((tx) =>
    removeVersion(member, tx, { team: member.team.slug, name: "films", number }, uses),
  );
const THREE = [{ a: "1" }, { a: "2" }, { a: "3" }];

test("a removed version is gone for good: the next one gets a number of its own", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    const datasetId = await makeDataset(member, "films", { versions: THREE });
    await removeOne(member, 3);
    await expect(removeOne(member, 3)).rejects.toThrow("has no version 3.");
    const treeId = await makeTree(member, { a: "4" });
    const added = await db.transaction((tx) => addVersion(member, tx, { datasetId, treeId }));
    expect(added.number).toBe(4);
    expect((await listVersions(db, datasetId)).map(({ number }) => number)).toEqual([4, 2, 1]);
  }));

test("a removed dataset is gone with its versions, and its name is free", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    const id = await makeDataset(member, "films", { versions: THREE });
    await remove(member, member);
    await expect(remove(member, member)).rejects.toMatchObject({ code: "not_found" });
    expect(await listVersions(db, id)).toEqual([]);
    await makeDataset(member, "films");
  }));

test("others may not remove it, and who may not read it doesn't learn that it is there", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const [ann, eve] = [await makeMember(ctx), await makeMember(ctx)];
    await makeDataset(ann, "films", { visibility: "public" });
    await expect(remove(eve, ann)).rejects.toMatchObject({ code: "forbidden" });
    const bob = await makeMember(ctx);
    await makeDataset(bob, "films", { visibility: "team" });
    await expect(remove(eve, bob)).rejects.toMatchObject({ code: "not_found" });
  }));

test("what is in use stays, and every reason is told; what asks is told which version it is about", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    const datasetId = await makeDataset(member, "films", { versions: THREE });
    const uses: FindUses[] = [
      async (_ctx, _tx, removal) => (removal.datasetId === datasetId ? [`v${removal.version}`] : []),
      async () => ["it is framed"],
    ];
    const shown = `${member.team.slug}/films`;
    await expect(removeOne(member, 2, uses)).rejects.toMatchObject({
      code: "conflict",
      message: `${shown}@2 can't be removed while it is used: v2; it is framed.`,
    });
    await expect(remove(member, member, uses)).rejects.toThrow(
      `${shown} can't be removed while it is used: vnull`,
    );
    expect(await listVersions(db, datasetId)).toHaveLength(3);
  }));

test("a dataset that was given to other teams is not taken from them", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const [ann, bob] = [await makeMember(ctx), await makeMember(ctx)];
    const id = await makeDataset(ann, "films", { visibility: "private" });
    await db.transaction((tx) => grantDataset(tx, id, [bob.team.id], ctx.clock.now()));
    await expect(remove(ann, ann)).rejects.toThrow(
      "films can't be removed while it is used: 1 team was given it",
    );
  }));
