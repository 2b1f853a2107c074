import { expect, test } from "bun:test";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LastPush } from "./last-push.ts";
import type { LocalFile } from "./scan.ts";
import { temporaryFolders } from "./testing/folders.ts";

const NOW = Date.parse("2026-01-01T00:00:00Z");
const TREE = "d".repeat(64);
const newFolder = temporaryFolders("hashes");
const file = (index: number, change: Partial<LocalFile> = {}): LocalFile => ({
  path: `folder/file ${1000 + index}`,
  source: `/data/folder/file ${1000 + index}`,
  mode: 0o644,
  size: 100,
  ino: index,
  mtimeMs: NOW - 60_000.25,
  ctimeMs: NOW - 60_000.25,
  ...change,
});
const files = Array.from({ length: 300 }, (_, index) => file(index));
const nameOf = (index: number) => index.toString(16).padStart(64, "0");
const named = (list: readonly LocalFile[]) =>
  new Map(list.map(({ size }, index) => [index, { sha256: nameOf(index), size, chunks: null }]));
const nothing = (list: readonly LocalFile[]) => new Int32Array(list.length).fill(-1);

function saved(list: LocalFile[] = files): string {
  const folder = newFolder();
  LastPush.open(folder, "/data", NOW).prepare(list, nothing(list), named(list))(TREE);
  return folder;
}
const reopened = (folder: string, root = "/data") => LastPush.open(folder, root, NOW + 1000);
/** What the last push says of one file that it had at this place. */
const isSame = (last: LastPush, one: LocalFile) => last.compare([one]).same[0] === 1;

test("files that are as they were keep their names, and the tree its id", () => {
  const last = reopened(saved());
  const { was, same, removed } = last.compare(files);
  expect(last.treeId).toBe(TREE);
  expect([...was].map((at) => last.nameAt(at))).toEqual(files.map((_, index) => nameOf(index)));
  expect([...same].every((each) => each === 1)).toBe(true);
  expect(removed).toEqual([]);
});

test("what came between, and what is gone, is seen", () => {
  const before = file(0, { path: "a" });
  const after = file(0, { path: "z" });
  const { was, removed } = reopened(saved()).compare([before, ...files.slice(1, -1), after]);
  expect([was[0], was[1], was.at(-2), was.at(-1)]).toEqual([-1, 1, 298, -1]);
  expect(removed).toEqual([files[0]?.path ?? "", files[299]?.path ?? ""]);
});

test("names go from one push to the next without being read again", () => {
  const folder = saved();
  const last = reopened(folder);
  const now = [file(0, { path: "a new one" }), ...files.slice(1)];
  const { was } = last.compare(now);
  last.prepare(now, was, new Map([[0, { sha256: "f".repeat(64), size: 7, chunks: null }]]))("e".repeat(64));
  const next = reopened(folder);
  expect(next.treeId).toBe("e".repeat(64));
  expect([next.nameAt(0), next.nameAt(1), next.nameAt(299)]).toEqual([
    "f".repeat(64),
    nameOf(1),
    nameOf(299),
  ]);
  expect(next.says(0, { size: 7, mode: 0o644, sha256: "f".repeat(64) })).toBe(true);
});

test.each([
  ["size", { size: 101 }],
  ["inode", { ino: 999 }],
  ["mode", { mode: 0o755 as const }],
  ["time of its last writing", { mtimeMs: NOW - 60_000 }],
  ["time of its last change, with the other set back", { ctimeMs: NOW - 1 }],
  ["path", { path: "folder/file" }],
])("a file with another %s is read again", (_what, change) => {
  expect(isSame(reopened(saved()), file(1, change))).toBe(false);
});

test("a file that was written to just before it was read is read again, but the tree had it", () => {
  const fresh = file(300, { mtimeMs: NOW - 500 });
  const touched = file(301, { ctimeMs: NOW + 500 });
  const last = reopened(saved([...files, fresh, touched]));
  expect([isSame(last, fresh), isSame(last, touched)]).toEqual([false, false]);
  expect(last.says(300, { size: 100, mode: 0o644, sha256: nameOf(300) })).toBe(true);
  expect(last.says(300, { size: 100, mode: 0o755, sha256: nameOf(300) })).toBe(false);
  expect(last.says(300, { size: 100, mode: 0o644, sha256: nameOf(301) })).toBe(false);
});

test("another folder has a push of its own", () => {
  expect(reopened(saved(), "/other").treeId).toBeNull();
});

test("a damaged or cut-off memory, or one of an older kind, is an empty one", () => {
  for (const damage of [
    (bytes: Buffer) => bytes.fill(7, 5000, 5001),
    (bytes: Buffer) => bytes.subarray(0, 5000),
    () => Buffer.alloc(0),
    () => Buffer.from(`podium hashes 1 ${"0".repeat(64)}\n`),
  ]) {
    const folder = saved();
    const [name = ""] = readdirSync(join(folder, "hashes"));
    const path = join(folder, "hashes", name);
    writeFileSync(path, damage(readFileSync(path)));
    expect(reopened(folder).treeId).toBeNull();
    expect(isSame(reopened(folder), file(1))).toBe(false);
  }
});

test("a small folder leaves nothing behind, and where nothing can be written the push goes on", () => {
  expect(readdirSync(saved(files.slice(0, 5)))).toEqual([]);
  LastPush.open("/proc/nowhere", "/data", NOW).prepare(files, nothing(files), named(files))(TREE);
});
