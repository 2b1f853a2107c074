import { expect, test } from "bun:test";
import { sessionsUsing } from "../../sessions/index.ts";
import { stopSession } from "../../sessions/stop.ts";
import { systemContext } from "../../testing/context.ts";
import { withDatabase, withRollback } from "../../testing/database.ts";
import { type Member, makeDataset, makeMember, makeSession, makeTree } from "../../testing/factories.ts";
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

test("what a session mounts stays until it has ended; its other versions may go", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    await makeDataset(member, "films", { versions: THREE });
    const session = await makeSession(member, { datasets: ["films@2"] });
    const refusal = { code: "conflict", message: expect.stringContaining(session.name) };
    await expect(removeOne(member, 2, [sessionsUsing])).rejects.toMatchObject(refusal);
    await expect(remove(member, member, [sessionsUsing])).rejects.toMatchObject(refusal);
    await removeOne(member, 1, [sessionsUsing]);

    await db.transaction((tx) => stopSession(member, tx, session.id, "enough"));
    await remove(member, member, [sessionsUsing]);
    const { datasets } = await makeSession(member);
    expect(datasets).toEqual([]);
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

test("a session that is made while its dataset is removed either keeps it or does not find it", () =>
  withDatabase(async ({ db }) => {
    const member = await makeMember(systemContext(db));
    for (let round = 0; round < 5; round++) {
      await makeDataset(member, "films");
      const [made, removed] = await Promise.allSettled([
        makeSession(member, { datasets: ["films"] }),
        remove(member, member, [sessionsUsing]),
      ]);
      expect([made.status, removed.status].filter((status) => status === "fulfilled")).toHaveLength(1);
      if (made.status === "rejected") continue;
      await db.transaction((tx) => stopSession(member, tx, made.value.id, "enough"));
      await remove(member, member, [sessionsUsing]);
    }
  }));
