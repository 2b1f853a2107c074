import { expect, test } from "bun:test";
import { sha256 } from "../platform/secrets.ts";
import { as, systemContext } from "../testing/context.ts";
import { withRollback } from "../testing/database.ts";
import { type Member, makeMember, makeTree, textOf } from "../testing/factories.ts";
import { addVersion } from "./add-version.ts";
import { createDataset } from "./create-dataset.ts";
import { readTree, readTreeBlob } from "./read-tree.ts";
import { grantDataset } from "./store.ts";

async function publish(member: Member, treeId: string, visibility: "public" | "team" | "private") {
  return member.db.transaction(async (tx) => {
    const input = { teamId: member.team.id, name: "films", description: "", visibility };
    const datasetId = await createDataset(member, tx, input);
    await addVersion(member, tx, { datasetId, treeId });
    return datasetId;
  });
}

test("a team reads its own trees and their files", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    const id = await makeTree(member, { "main.py": "print(1)" });
    expect(await readTree(member, id)).toMatchObject({ id, size: 8, files: 1 });
    expect(await textOf(await readTreeBlob(member, id, sha256("print(1)")))).toBe("print(1)");
  }));

test("a tree of another team is answered like one that doesn't exist", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const [ann, eve] = [await makeMember(ctx), await makeMember(ctx)];
    const id = await makeTree(ann, { secret: "42" });
    for (const asked of [id, "0".repeat(64)]) {
      const message = `There is no tree ${asked} that you may read.`;
      await expect(readTree(eve, asked)).rejects.toMatchObject({ code: "not_found", message });
    }
    await expect(readTreeBlob(eve, id, sha256("42"))).rejects.toMatchObject({ code: "not_found" });
    await expect(readTree(as(ctx, { kind: "anonymous" }), id)).rejects.toMatchObject({ code: "not_found" });
  }));

test("a file of a tree is read through that tree only", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const [ann, eve] = [await makeMember(ctx), await makeMember(ctx)];
    await makeTree(ann, { secret: "42" });
    const own = await makeTree(eve, { mine: "1" });
    await expect(readTreeBlob(eve, own, sha256("42"))).rejects.toMatchObject({ code: "not_found" });
  }));

test("the trees of a public dataset are everybody's; those of a team's dataset are not", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const [ann, bob, eve] = [await makeMember(ctx), await makeMember(ctx), await makeMember(ctx)];
    const [open, closed] = [await makeTree(ann, { a: "1" }), await makeTree(bob, { b: "2" })];
    await publish(ann, open, "public");
    await publish(bob, closed, "team");
    expect(await readTree(eve, open)).toMatchObject({ id: open });
    await expect(readTree(eve, closed)).rejects.toMatchObject({ code: "not_found" });
  }));

test("a grant opens the trees of a private dataset to that team", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const [ann, bob] = [await makeMember(ctx), await makeMember(ctx)];
    const id = await makeTree(ann, { a: "1" });
    const dataset = await publish(ann, id, "private");
    await expect(readTree(bob, id)).rejects.toMatchObject({ code: "not_found" });
    await db.transaction((tx) => grantDataset(tx, dataset, [bob.team.id], ctx.clock.now()));
    expect(await readTree(bob, id)).toMatchObject({ id });
  }));

test("an administrator reads any tree", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const [ann, admin] = [await makeMember(ctx), await makeMember(ctx, "admin")];
    const id = await makeTree(ann, { a: "1" });
    expect(await readTree(admin, id)).toMatchObject({ id });
  }));
