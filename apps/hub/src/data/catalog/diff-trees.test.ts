import { expect, test } from "bun:test";
import type { TreeEntry } from "@podium/shared";
import { diffTrees, pathOf } from "./diff-trees.ts";

/** `path: bytes`; a path that ends with * is executable. The bytes stand for their own hash. */
function tree(files: Record<string, string>): TreeEntry[] {
  const entries = Object.entries(files).map(([path, bytes]) => ({
    path: path.replace(/\*$/, ""),
    sha256: bytes,
    size: bytes.length,
    mode: path.endsWith("*") ? (0o755 as const) : (0o644 as const),
  }));
  return inOrder(entries);
}
const inOrder = (entries: TreeEntry[]) => entries.sort((a, b) => (a.path < b.path ? -1 : 1));
const told = async (from: Record<string, string>, to: Record<string, string>) =>
  (await diffTrees(tree(from), tree(to))).changes.map((each) =>
    each.change === "renamed"
      ? `renamed ${each.before?.path} → ${each.after?.path}`
      : `${each.change} ${pathOf(each)}`,
  );

test("files are added, removed, changed, made executable or renamed, in the order of their paths", async () => {
  const from = { same: "s", "old.csv": "moved", gone: "g", text: "one", "run.sh": "x" };
  const to = { same: "s", "data/new.csv": "moved", fresh: "f", text: "three", "run.sh*": "x" };
  expect(await told(from, to)).toEqual([
    "renamed old.csv → data/new.csv",
    "added fresh",
    "removed gone",
    "mode_changed run.sh",
    "changed text",
  ]);
});

test("totals count files and bytes of each kind of change", async () => {
  const { totals } = await diffTrees(
    tree({ same: "ssss", gone: "gg", text: "one", old: "moved" }),
    tree({ same: "ssss", fresh: "f", text: "three", new: "moved" }),
  );
  expect(totals).toEqual({
    added: { files: 1, bytes: 1 },
    removed: { files: 1, bytes: 2 },
    changed: { files: 1, bytes: 5 },
    renamed: { files: 1, bytes: 5 },
    mode_changed: { files: 0, bytes: 0 },
    unchanged: { files: 1, bytes: 4 },
  });
});

test("a folder that moved is told by its files, each under its own name, though several are alike", async () => {
  expect(await told({ "a/1": "x", "a/2": "x", "a/3": "y" }, { "b/2": "x", "b/1": "x", "b/3": "y" })).toEqual([
    "renamed a/1 → b/1",
    "renamed a/2 → b/2",
    "renamed a/3 → b/3",
  ]);
});

test("of several copies one is renamed and the others are new or gone", async () => {
  expect(await told({ a: "x" }, { b: "x", c: "x" })).toEqual(["renamed a → b", "added c"]);
  expect(await told({ a: "x", b: "x" }, { c: "x" })).toEqual(["removed b", "renamed a → c"]);
});

test("a file that moved and became executable is told with both sides", async () => {
  expect((await diffTrees(tree({ a: "x" }), tree({ "b*": "x" }))).changes).toMatchObject([
    { change: "renamed", before: { path: "a", mode: 0o644 }, after: { path: "b", mode: 0o755 } },
  ]);
});

test("empty files are alike, which doesn't make them the same file", async () => {
  expect(await told({ a: "" }, { b: "" })).toEqual(["removed a", "added b"]);
});

test("two files that swapped their bytes have changed", async () => {
  expect(await told({ a: "x", b: "y" }, { a: "y", b: "x" })).toEqual(["changed a", "changed b"]);
});

test("the same tree, and no files at all, differ in nothing", async () => {
  expect(await told({ a: "x" }, { a: "x" })).toEqual([]);
  expect(await diffTrees([], [])).toMatchObject({ changes: [], totals: { unchanged: { files: 0 } } });
});

test("a hundred thousand copies of one file under new names are a hundred thousand renames", async () => {
  const many = (folder: string) =>
    inOrder(
      Array.from({ length: 100_000 }, (_, index) => ({
        path: `${folder}/${index}-${folder}`,
        sha256: "same",
        size: 4,
        mode: 0o644 as const,
      })),
    );
  let turns = 0;
  const other = setInterval(() => (turns += 1), 0);
  const { totals, changes } = await diffTrees(many("old"), many("new"));
  clearInterval(other);
  expect(totals.renamed.files).toBe(100_000);
  expect(changes.every(({ before, after }) => before?.path === after?.path.replaceAll("new", "old"))).toBe(
    true,
  );
  // What else there was to do was not held up until the end.
  expect(turns).toBeGreaterThan(20);
});
