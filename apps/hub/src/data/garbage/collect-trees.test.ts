import { expect, test } from "bun:test";
import { namedTrees } from "../../duties.ts";
import { sha256 } from "../../platform/secrets.ts";
import { isMissing } from "../../testing/blobs.ts";
import { systemContext } from "../../testing/context.ts";
import { withDatabase, withRollback } from "../../testing/database.ts";
import { type Member, makeMember, makeSession, makeTree } from "../../testing/factories.ts";
import { openFile } from "../blobs/open.ts";
import { addVersion } from "../catalog/add-version.ts";
import { createDataset } from "../catalog/create-dataset.ts";
import { findTree, treeEntries } from "../trees/store.ts";
import { collectBlobs } from "./collect-blobs.ts";
import { collectTrees } from "./collect-trees.ts";

const DAY_MS = 86_400_000;
const exists = async (member: Member, id: string) => (await findTree(member.db, id)) !== null;

test("a tree that nothing names goes a day after it was pushed, and its files a turn later", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    const tree = await makeTree(member, { a: "only here" });
    member.clock.advance(DAY_MS);
    expect(await collectTrees(member, namedTrees())).toBe(0);
    member.clock.advance(1);
    expect(await collectTrees(member, namedTrees())).toBe(1);
    expect(await exists(member, tree)).toBe(false);
    expect(await Array.fromAsync(treeEntries(db, tree))).toEqual([]);
    await collectBlobs(member);
    expect(await isMissing(member, sha256("only here"))).toBe(true);
  }));

test("a dataset's versions and a session's code stay", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    const version = await makeTree(member, { data: "1,2,3" });
    await db.transaction(async (tx) => {
      const input = { teamId: member.team.id, name: "films", description: "", visibility: "team" as const };
      await addVersion(member, tx, { datasetId: await createDataset(member, tx, input), treeId: version });
    });
    const session = await makeSession(member, { datasets: ["films"] });
    member.clock.advance(2 * DAY_MS);
    expect(await collectTrees(member, namedTrees())).toBe(0);
    await collectBlobs(member);
    for (const tree of [version, session.codeTree]) expect(await exists(member, tree)).toBe(true);
    expect(await openFile(member, sha256("1,2,3"))).toMatchObject({ size: 5 });
  }));

test("pushing a tree again keeps it for another day", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    const tree = await makeTree(member, { a: "again" });
    member.clock.advance(0.9 * DAY_MS);
    await makeTree(member, { a: "again" });
    member.clock.advance(0.9 * DAY_MS);
    expect(await collectTrees(member, namedTrees())).toBe(0);
    expect(await exists(member, tree)).toBe(true);
  }));

test("who names a tree while it is looked at keeps it", () =>
  withDatabase(async ({ db }) => {
    const member = await makeMember(systemContext(db));
    const treeId = await makeTree(member, { "main.py": "print(1)" });
    member.clock.advance(2 * DAY_MS);
    await db.transaction(async (tx) => {
      const input = { teamId: member.team.id, name: "films", description: "", visibility: "team" as const };
      await addVersion(member, tx, { datasetId: await createDataset(member, tx, input), treeId });
      // Not committed yet: this look, on another connection, can't see the version.
      expect(await collectTrees(member, namedTrees())).toBe(0);
    });
    expect(await collectTrees(member, namedTrees())).toBe(0);
    expect(await exists(member, treeId)).toBe(true);
  }));

test("a tree pushed again while it is removed is there afterwards", () =>
  withDatabase(async ({ db }) => {
    const member = await makeMember(systemContext(db));
    const tree = await makeTree(member, { a: "1", b: "2" });
    for (let round = 0; round < 5; round++) {
      member.clock.advance(2 * DAY_MS);
      await makeTree(member, { c: "keeps nothing" });
      member.clock.advance(2 * DAY_MS);
      await Promise.all([collectTrees(member, namedTrees()), makeTree(member, { a: "1", b: "2" })]);
      expect((await Array.fromAsync(treeEntries(db, tree))).map(({ path }) => path)).toEqual(["a", "b"]);
    }
  }));

test("a hub that is told to stop ends its turn after the step it is at", () =>
  withDatabase(async ({ db }) => {
    const member = await makeMember(systemContext(db));
    for (let n = 0; n < 3; n++) await makeTree(member, { a: `${n}` });
    member.clock.advance(2 * DAY_MS);
    expect(await collectTrees(member, namedTrees())).toBe(3);
    expect(await collectBlobs(member, () => false)).toEqual({ blobs: 0, bytes: 0 });
    expect(await collectBlobs(member)).toMatchObject({ blobs: 3 });
  }));
