import { expect, test } from "bun:test";
import { systemContext } from "../../testing/context.ts";
import { withRollback } from "../../testing/database.ts";
import { makeDataset, makeMember, makeTree } from "../../testing/factories.ts";
import { discardDataset, discardGranted, replaceData } from "./replace-data.ts";
import { findDatasetById, grantDataset, listVersions } from "./store.ts";

test("data that nobody was given is replaced whole: its old versions are gone", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    const datasetId = await makeDataset(member, "films", { versions: [{ a: "1" }, { a: "2" }] });
    const treeId = await makeTree(member, { a: "3" });
    await db.transaction((tx) => replaceData(member, tx, { datasetId, treeId }));
    expect(await listVersions(db, datasetId)).toMatchObject([{ number: 3, treeId }]);
    await db.transaction((tx) => discardDataset(tx, datasetId));
    expect(await findDatasetById(db, datasetId, { teams: null, userId: null })).toBeNull();
  }));

test("data that a team was given stays as it is", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const [member, other] = [await makeMember(ctx), await makeMember(ctx)];
    const datasetId = await makeDataset(member, "films");
    const treeId = await makeTree(member, { a: "3" });
    await db.transaction((tx) => grantDataset(tx, datasetId, [other.team.id], ctx.clock.now()));
    for (const change of [
      () => db.transaction((tx) => replaceData(member, tx, { datasetId, treeId })),
      () => db.transaction((tx) => discardDataset(tx, datasetId)),
    ])
      await expect(change()).rejects.toMatchObject({ code: "conflict" });
    expect(await listVersions(db, datasetId)).toHaveLength(1);
    await db.transaction((tx) => discardGranted(tx, datasetId));
    expect(await findDatasetById(db, datasetId, { teams: null, userId: null })).toBeNull();
  }));
