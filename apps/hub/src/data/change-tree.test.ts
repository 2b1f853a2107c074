import { expect, test } from "bun:test";
import type { TreeEntry } from "@podium/shared";
import { namedTrees } from "../duties.ts";
import { sha256 } from "../platform/secrets.ts";
import { isMissing } from "../testing/blobs.ts";
import { systemContext } from "../testing/context.ts";
import { withDatabase, withRollback } from "../testing/database.ts";
import { type Member, makeMember, makeTree } from "../testing/factories.ts";
import { putBlob } from "./blobs/put.ts";
import { changeTree } from "./change-tree.ts";
import { createTree } from "./create-tree.ts";
import { collectBlobs } from "./garbage/collect-blobs.ts";
import { collectTrees } from "./garbage/collect-trees.ts";
import { readTree } from "./read-tree.ts";
import { sharedFile, treeEntries, treesHoldBlob } from "./trees/store.ts";

const DAY_MS = 86_400_000;

async function entriesOf(member: Member, files: Record<string, string>): Promise<TreeEntry[]> {
  const entries: TreeEntry[] = [];
  for (const [path, text] of Object.entries(files)) {
    const body = new TextEncoder().encode(text);
    await putBlob(member, { teamId: member.team.id, sha256: sha256(body), body });
    entries.push({ path, sha256: sha256(body), size: body.byteLength, mode: 0o644 });
  }
  return entries;
}
const change = (member: Member, base: string, entries: TreeEntry[], removed: string[] = []) =>
  member.db.transaction((tx) => changeTree(member, tx, { teamId: member.team.id, base, entries, removed }));
const changed = async (member: Member, base: string, files: Record<string, string>, removed: string[] = []) =>
  (await change(member, base, await entriesOf(member, files), removed)).id;
const pathsOf = async (member: Member, id: string) =>
  (await Array.fromAsync(treeEntries(member.db, id))).map(({ path }) => path);
const holds = (member: Member, id: string, text: string) => treesHoldBlob(member.db, [id], sha256(text));

test("a difference gives the very tree that all files give, whichever comes first", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    const base = await makeTree(member, { a: "1", b: "2", "c/d": "3" });
    const made = await change(member, base, await entriesOf(member, { b: "two", e: "5" }), ["c/d"]);
    const whole = await entriesOf(member, { a: "1", b: "two", e: "5" });
    const again = await db.transaction((tx) =>
      createTree(member, tx, { teamId: member.team.id, entries: whole }),
    );
    expect(again).toEqual(made);
    expect(await readTree(member, made.id)).toMatchObject({ files: 3, size: 5 });
    expect(await Array.fromAsync(treeEntries(db, made.id))).toEqual(whole);
    const back = await changed(member, made.id, { b: "2", "c/d": "3" }, ["e"]);
    expect(back).toBe(base);
  }));

test("each tree of a line names its own files and no others, there and back again", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    const first = await makeTree(member, { a: "stays", b: "old", c: "twice", d: "twice" });
    const second = await changed(member, first, { b: "new" }, ["c"]);
    const third = await changed(member, second, { b: "old", e: "more" });
    const fourth = await changed(member, third, { e: "other" });
    const named = async (text: string) =>
      Promise.all([first, second, third, fourth].map((id) => holds(member, id, text)));
    expect(await named("stays")).toEqual([true, true, true, true]);
    expect(await named("old")).toEqual([true, false, true, true]);
    expect(await named("new")).toEqual([false, true, false, false]);
    expect(await named("twice")).toEqual([true, true, true, true]);
    expect(await named("more")).toEqual([false, false, true, false]);
    expect(await sharedFile(db, second, await makeTree(member, { x: "new" }))).toBe("x");
    expect(await sharedFile(db, third, await makeTree(member, { x: "new" }))).toBeNull();
  }));

test("two changes of one base are two trees, each whole", () =>
  withDatabase(async ({ db }) => {
    const member = await makeMember(systemContext(db));
    const base = await makeTree(member, { a: "1", b: "2" });
    const changes = await Promise.all(
      [0, 1, 2, 3].map(async (n) => entriesOf(member, { b: `changed ${n % 2}`, c: "3" })),
    );
    const made = await Promise.all(changes.map((entries) => change(member, base, entries)));
    expect(new Set(made.map(({ id }) => id)).size).toBe(2);
    for (const [n, { id }] of made.entries()) {
      expect(await pathsOf(member, id)).toEqual(["a", "b", "c"]);
      expect(
        await Promise.all(["1", `changed ${n % 2}`, "3"].map((text) => holds(member, id, text))),
      ).toEqual([true, true, true]);
      for (const other of ["2", `changed ${(n + 1) % 2}`]) expect(await holds(member, id, other)).toBe(false);
    }
  }));

test("a base that is gone, and one of another team, are answered alike", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const [ann, eve] = [await makeMember(ctx), await makeMember(ctx)];
    const secret = await makeTree(ann, { a: "1", labels: "the secret" });
    for (const base of [secret, "0".repeat(64)])
      await expect(change(eve, base, [])).rejects.toMatchObject({
        code: "not_found",
        message: expect.stringContaining("Send all files"),
      });
    // Who has sent the same files has the same tree, and may go on from it.
    await makeTree(eve, { a: "1", labels: "the secret" });
    await changed(eve, secret, { a: "2" });
  }));

test("what was not sent, has another size, or doesn't fit the base is refused by name, and leaves nothing", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    const base = await makeTree(member, { a: "1", "b/c": "2" });
    const [sent] = await entriesOf(member, { b: "3" });
    if (!sent) throw new Error("nothing sent");
    const refused = async (entries: TreeEntry[], removed: string[], path: string, message: string) =>
      expect(change(member, base, entries, removed)).rejects.toMatchObject({
        code: "invalid_request",
        details: { errors: [{ path, message: expect.stringContaining(message) }] },
      });
    await refused([{ ...sent, sha256: sha256("never") }], [], "entries.0", '"b" has not been sent');
    await refused([{ ...sent, path: "x", size: 7 }], [], "entries.0.size", '"x" has 1 bytes');
    await refused([sent], [], "entries.0", '"b" is both a file and a folder');
    await refused([{ ...sent, path: "a/x" }], [], "entries.0", '"a" is both a file and a folder');
    await refused([], ["never"], "removed.0", '"never" is not in the base tree');
    const made = await changed(member, base, { a: "good" });
    expect(await holds(member, made, "3")).toBe(false);
  }));

test("a tree in the middle of a line goes alone; what only it named goes with it", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    const first = await makeTree(member, { a: "stays", b: "first" });
    const second = await changed(member, first, { b: "second", c: "second's own" });
    const third = await changed(member, second, { b: "first", d: "third" }, ["c"]);
    member.clock.advance(2 * DAY_MS);
    for (const id of [first, third]) await touch(member, id);
    expect(await collectTrees(member, namedTrees())).toBe(1);
    await collectBlobs(member);
    for (const text of ["second", "second's own"]) expect(await isMissing(member, sha256(text))).toBe(true);
    for (const text of ["stays", "first", "third"]) expect(await isMissing(member, sha256(text))).toBe(false);
    expect(await holds(member, first, "third")).toBe(false);
    expect(await holds(member, third, "first")).toBe(true);

    // The newest of the line went: what follows the one before begins anew.
    member.clock.advance(2 * DAY_MS);
    await touch(member, first);
    expect(await collectTrees(member, namedTrees())).toBe(1);
    const other = await changed(member, first, { e: "5" });
    expect(await holds(member, other, "stays")).toBe(true);
    expect(await holds(member, other, "third")).toBe(false);
    member.clock.advance(2 * DAY_MS);
    expect(await collectTrees(member, namedTrees())).toBe(2);
    expect((await collectBlobs(member)).blobs).toBeGreaterThan(0);
    expect(await rowsLeft(member)).toEqual([0, 0]);
  }));

test("trees that follow one another while others of their line are collected stay whole", () =>
  withDatabase(async ({ db }) => {
    const member = await makeMember(systemContext(db));
    let base = await makeTree(member, { stays: "always", n: "start" });
    for (let round = 0; round < 6; round++) {
      member.clock.advance(2 * DAY_MS);
      await touch(member, base);
      const entries = await entriesOf(member, { n: `round ${round}` });
      const [made] = await Promise.all([
        change(member, base, entries),
        collectTrees(member, namedTrees()),
        collectBlobs(member),
      ]);
      base = made.id;
      for (const text of ["always", `round ${round}`]) {
        expect(await holds(member, base, text)).toBe(true);
        expect(await isMissing(member, sha256(text))).toBe(false);
      }
      expect(await pathsOf({ ...member, db }, base)).toEqual(["n", "stays"]);
    }
  }));

test("a change that breaks off leaves the line as it was", () =>
  withDatabase(async ({ db }) => {
    const member = await makeMember(systemContext(db));
    const base = await makeTree(member, { a: "1", b: "2" });
    const entries = await entriesOf(member, { b: "3" });
    const broken = db.transaction(async (tx) => {
      await changeTree(member, tx, { teamId: member.team.id, base, entries, removed: ["a"] });
      throw new Error("the hub dies here");
    });
    await expect(broken).rejects.toThrow("the hub dies here");
    expect(await holds(member, base, "2")).toBe(true);
    const { id } = await change(member, base, entries);
    expect(await pathsOf(member, id)).toEqual(["a", "b"]);
    expect([await holds(member, id, "2"), await holds(member, id, "1")]).toEqual([false, true]);
  }));

/** Pushes a tree again, as its sender would. */
async function touch(member: Member, id: string) {
  const entries = await Array.fromAsync(treeEntries(member.db, id));
  await member.db.transaction((tx) => createTree(member, tx, { teamId: member.team.id, entries }));
}

/** How many lines, and rows that name blobs, there are. */
async function rowsLeft(member: Member): Promise<number[]> {
  const { rows } = await member.db.execute<{ n: number }>(
    "select count(*)::integer as n from tree_lines union all select count(*)::integer from tree_blobs",
  );
  return rows.map((row) => row.n);
}
