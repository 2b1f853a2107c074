import { expect, test } from "bun:test";
import { createTreeSchema, type TreeEntry } from "@podium/shared";
import { sha256 } from "../platform/secrets.ts";
import { systemContext } from "../testing/context.ts";
import { withDatabase, withRollback } from "../testing/database.ts";
import { type Member, makeMember, makeTree } from "../testing/factories.ts";
import { createTree } from "./create-tree.ts";
import { treeEntries } from "./trees/store.ts";

const entry = (path: string, text: string): TreeEntry => ({
  path,
  sha256: sha256(text),
  size: new TextEncoder().encode(text).byteLength,
  mode: 0o644,
});
const create = (member: Member, entries: TreeEntry[]) =>
  member.db.transaction((tx) => createTree(member, tx, { teamId: member.team.id, entries }));
const pathsOf = async (member: Member, id: string) =>
  (await Array.fromAsync(treeEntries(member.db, id))).map(({ path }) => path);

test("the same files give the same tree, in whatever order and from whichever team they come", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const [ann, bob] = [await makeMember(ctx), await makeMember(ctx)];
    const first = await makeTree(ann, { "main.py": "print(1)", "data/x.csv": "x\n" });
    expect(await makeTree(bob, { "data/x.csv": "x\n", "main.py": "print(1)" })).toBe(first);
    expect(await pathsOf(bob, first)).toEqual(["data/x.csv", "main.py"]);
  }));

test("an empty tree is a tree", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    expect(await create(member, [])).toEqual({ id: sha256(""), size: 0 });
  }));

test("odd but honest names are kept as they are", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    const paths = [
      " leading",
      "trailing ",
      "-rf",
      "über.py",
      "映画.csv",
      "a'b\"c",
      "x;y$(z)",
      "😀",
      "...",
      "%2e%2e",
    ];
    const id = await makeTree(member, Object.fromEntries(paths.map((path) => [path, "1"])));
    expect((await pathsOf(member, id)).sort()).toEqual([...paths].sort());
  }));

test.each([
  "../secret",
  "a/../../b",
  "/etc/passwd",
  "a//b",
  "./a",
  "a/.",
  "..",
  "",
  "a/",
  "back\\slash",
  "nul\0",
  "line\nbreak",
  "x".repeat(256),
  "映".repeat(86),
  `${"x/".repeat(512)}x`,
  "u\u0308ber.py",
  "half \ud800 a character",
])("a path such as %j is refused", (path) => {
  expect(createTreeSchema.safeParse({ entries: [entry(path, "1")] }).success).toBe(false);
});

test("the same path twice, and a file where another entry has a folder, are refused by name", () => {
  const problems = (...paths: string[]) =>
    createTreeSchema
      .safeParse({ entries: paths.map((path) => entry(path, "1")) })
      .error?.issues.map(({ message }) => message);
  expect(problems("a", "a")).toEqual(['"a" is there twice']);
  expect(problems("a", "a/b")).toEqual(['"a" is both a file and a folder']);
  expect(problems("a/b/c", "a/b")).toEqual(['"a/b" is both a file and a folder']);
  expect(problems("a", "ab/c", "A")).toBeUndefined();
});

test("a file that the team has not sent is named; that another team has sent it changes nothing", () =>
  withRollback(async (db) => {
    const ctx = systemContext(db);
    const [ann, eve] = [await makeMember(ctx), await makeMember(ctx)];
    await makeTree(ann, { labels: "the secret" });
    await expect(create(eve, [entry("mine", "the secret")])).rejects.toMatchObject({
      code: "invalid_request",
      details: {
        errors: [{ path: "entries.0", message: expect.stringContaining('"mine" has not been sent') }],
      },
    });
  }));

test("a wrong size is refused with the right one", () =>
  withRollback(async (db) => {
    const member = await makeMember(systemContext(db));
    await makeTree(member, { a: "four" });
    await expect(create(member, [{ ...entry("a", "four"), size: 5 }])).rejects.toThrow('"a" has 4 bytes');
  }));

test("two pushes of the same files at once both succeed", () =>
  withDatabase(async ({ db }) => {
    const member = await makeMember(systemContext(db));
    await makeTree(member, { a: "1", b: "2" });
    const files = [entry("b", "2"), entry("c", "1")];
    const made = await Promise.all(Array.from({ length: 4 }, () => create(member, files)));
    expect(new Set(made.map(({ id }) => id)).size).toBe(1);
  }));
