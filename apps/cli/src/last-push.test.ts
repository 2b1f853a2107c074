import { expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HashCache } from "./hash-cache.ts";
import type { LocalFile } from "./scan.ts";

const NOW = Date.parse("2026-01-01T00:00:00Z");
const newFolder = () => mkdtempSync(join(tmpdir(), "podium-hashes-"));
const file = (index: number, change: Partial<LocalFile> = {}): LocalFile => ({
  path: `folder/file ${index}`,
  source: `/data/folder/file ${index}`,
  mode: 0o644,
  size: 100,
  ino: index,
  mtimeMs: NOW - 60_000.25,
  ctimeMs: NOW - 60_000.25,
  ...change,
});
const files = Array.from({ length: 300 }, (_, index) => file(index));
const names = files.map((_, index) => index.toString(16).padStart(64, "0"));

function saved(more: { files?: LocalFile[]; names?: string[] } = {}): string {
  const folder = newFolder();
  HashCache.open(folder, "/data", NOW).save(more.files ?? files, more.names ?? names);
  return folder;
}
const reopened = (folder: string, root = "/data") => HashCache.open(folder, root, NOW + 1000);

test("a file that is as it was keeps its name", () => {
  const cache = reopened(saved());
  expect(files.map((each) => cache.find(each))).toEqual(names);
});

test.each([
  ["size", { size: 101 }],
  ["inode", { ino: 999 }],
  ["time of its last writing", { mtimeMs: NOW - 60_000 }],
  ["time of its last change, with the other set back", { ctimeMs: NOW - 1 }],
  ["path", { path: "folder/file" }],
])("a file with another %s is read again", (_what, change) => {
  expect(reopened(saved()).find(file(1, change))).toBeUndefined();
});

test("a file that was written to just before it was read is not remembered", () => {
  const fresh = file(1, { mtimeMs: NOW - 500 });
  const touched = file(2, { ctimeMs: NOW + 500 });
  const cache = reopened(
    saved({ files: [...files, fresh, touched], names: [...names, "f".repeat(64), "e".repeat(64)] }),
  );
  expect([cache.find(fresh), cache.find(touched)]).toEqual([undefined, undefined]);
});

test("another folder has names of its own", () => {
  expect(reopened(saved(), "/other").find(file(1))).toBeUndefined();
});

test("a damaged or cut-off cache is an empty one", () => {
  for (const damage of [
    (text: string) => text.replace("0001 ", "0002 "),
    (text: string) => text.slice(0, 5000),
    () => "",
  ]) {
    const folder = saved();
    const [name = ""] = readdirSync(join(folder, "hashes"));
    const path = join(folder, "hashes", name);
    writeFileSync(path, damage(readFileSync(path, "utf8")));
    expect(reopened(folder).find(file(1))).toBeUndefined();
  }
});

test("a small folder leaves nothing behind, and where nothing can be written the push goes on", () => {
  expect(readdirSync(saved({ files: files.slice(0, 5), names: names.slice(0, 5) }))).toEqual([]);
  HashCache.open("/proc/nowhere", "/data", NOW).save(files, names);
});
