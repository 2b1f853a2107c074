import { expect, test } from "bun:test";
import type { TreeEntry } from "@podium/shared";
import { diffTrees, pathOf } from "./diff-trees.ts";

/** `path: bytes`; a path that ends with * is executable. The bytes stand for their own hash. */
function tree(files: Record<string, string>): TreeEntry[] {
  return Object.entries(files).map(([path, bytes]) => ({
    path: path.replace(/\*$/, ""),
    sha256: bytes,
    size: bytes.length,
    mode: path.endsWith("*") ? 0o755 : 0o644,
  }));
}
const told = (from: Record<string, string>, to: Record<string, string>) =>
  diffTrees(tree(from), tree(to)).changes.map((each) =>
    each.change === "renamed"
      ? `renamed ${each.before?.path} → ${each.after?.path}`
      : `${each.change} ${pathOf(each)}`,
  );

test("files are added, removed, changed, made executable or renamed, in the order of their paths", () => {
  const from = { same: "s", "old.csv": "moved", gone: "g", text: "one", "run.sh": "x" };
  const to = { same: "s", "data/new.csv": "moved", fresh: "f", text: "three", "run.sh*": "x" };
  expect(told(from, to)).toEqual([
    "renamed old.csv → data/new.csv",
    "added fresh",
    "removed gone",
    "mode_changed run.sh",
    "changed text",
  ]);
});

test("totals count files and bytes of each kind of change", () => {
  const { totals } = diffTrees(
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

test("a folder that moved is told by its files, each under its own name, though several are alike", () => {
  expect(told({ "a/1": "x", "a/2": "x", "a/3": "y" }, { "b/2": "x", "b/1": "x", "b/3": "y" })).toEqual([
    "renamed a/1 → b/1",
    "renamed a/2 → b/2",
    "renamed a/3 → b/3",
  ]);
});

test("of several copies one is renamed and the others are new or gone", () => {
  expect(told({ a: "x" }, { b: "x", c: "x" })).toEqual(["renamed a → b", "added c"]);
  expect(told({ a: "x", b: "x" }, { c: "x" })).toEqual(["removed b", "renamed a → c"]);
});

test("a file that moved and became executable is told with both sides", () => {
  expect(diffTrees(tree({ a: "x" }), tree({ "b*": "x" })).changes).toMatchObject([
    { change: "renamed", before: { path: "a", mode: 0o644 }, after: { path: "b", mode: 0o755 } },
  ]);
});

test("empty files are alike, which doesn't make them the same file", () => {
  expect(told({ a: "" }, { b: "" })).toEqual(["removed a", "added b"]);
});

test("two files that swapped their bytes have changed", () => {
  expect(told({ a: "x", b: "y" }, { a: "y", b: "x" })).toEqual(["changed a", "changed b"]);
});

test("the same tree, and no files at all, differ in nothing", () => {
  expect(told({ a: "x" }, { a: "x" })).toEqual([]);
  expect(diffTrees([], [])).toMatchObject({ changes: [], totals: { unchanged: { files: 0 } } });
});

test("a hundred thousand copies of one file under new names are a hundred thousand renames", () => {
  const many = (folder: string) =>
    Array.from({ length: 100_000 }, (_, index) => ({
      path: `${folder}/${index}-${folder}`,
      sha256: "same",
      size: 4,
      mode: 0o644 as const,
    }));
  const { totals, changes } = diffTrees(many("old"), many("new"));
  expect(totals.renamed.files).toBe(100_000);
  expect(changes.every(({ before, after }) => before?.path === after?.path.replaceAll("new", "old"))).toBe(
    true,
  );
});
