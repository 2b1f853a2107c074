import { expect, test } from "bun:test";
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { treeEntrySchema } from "@podium/shared";
import { CliError } from "./errors.ts";
import { explainDisk, PullTarget } from "./pull-target.ts";
import { temporaryFolders } from "./testing/folders.ts";

const TREE = "a".repeat(64);
const newFolder = temporaryFolders("pull");
const entry = (path: string, text = "text", mode: 0o644 | 0o755 = 0o644) => ({
  path,
  sha256: "b".repeat(64),
  size: text.length,
  mode,
});
const bytes = (text = "text") => new TextEncoder().encode(text);

function begun(folder: string, force = false): PullTarget {
  const target = PullTarget.open(folder, TREE, { force });
  target.begin();
  return target;
}

test("files are written with their mode into folders that are made, and nothing else is left", () => {
  const folder = join(newFolder(), "new");
  const target = begun(folder);
  target.write(entry("a/b/tool", "text", 0o755), bytes());
  target.write(entry("plain"), bytes());
  target.finish();
  expect(readdirSync(folder).sort()).toEqual(["a", "plain"]);
  expect(statSync(join(folder, "a/b/tool")).mode & 0o777).toBe(0o755);
  expect(statSync(join(folder, "plain")).mode & 0o777).toBe(0o644);
});

test("a folder with files is refused, unless forced or begun by a pull of the same tree", () => {
  const used = newFolder();
  writeFileSync(join(used, "mine"), "");
  expect(() => PullTarget.open(used, TREE, { force: false })).toThrow("is not empty");
  PullTarget.open(used, TREE, { force: true });

  const started = newFolder();
  begun(started).write(entry("first"), bytes());
  PullTarget.open(started, TREE, { force: false });
  expect(() => PullTarget.open(started, "c".repeat(64), { force: false })).toThrow(
    "holds the beginning of another pull",
  );
  expect(() => PullTarget.open(join(used, "mine"), TREE, { force: true })).toThrow("is a file");
});

test("a path that climbs out is no path of a tree", () => {
  for (const path of ["../x", "/etc/x", "a/../../x", "a//b", "a\\b", "."]) {
    expect(treeEntrySchema.safeParse(entry(path)).success).toBe(false);
  }
});

test("nothing is written through a link to a folder", () => {
  const [folder, outside] = [newFolder(), newFolder()];
  symlinkSync(outside, join(folder, "sub"));
  const target = begun(folder, true);
  expect(() => target.write(entry("sub/x"), bytes())).toThrow("is a link: sub/x would be written elsewhere");
  expect(readdirSync(outside)).toEqual([]);
});

test("a link where a file goes is replaced, what it pointed to stays", () => {
  const [folder, outside] = [newFolder(), newFolder()];
  writeFileSync(join(outside, "precious"), "precious");
  symlinkSync(join(outside, "precious"), join(folder, "x"));
  const target = begun(folder, true);
  expect(target.existing(entry("x", "precious"))).toBeNull();
  target.write(entry("x"), bytes());
  expect(readFileSync(join(outside, "precious"), "utf8")).toBe("precious");
  expect(readFileSync(join(folder, "x"), "utf8")).toBe("text");
});

test("a left-over that is a link, or linked to elsewhere, is not gone on with", () => {
  const [folder, outside] = [newFolder(), newFolder()];
  const target = begun(folder);
  writeFileSync(join(outside, "precious"), "precious");
  for (const plant of [symlinkSync, linkSync]) {
    plant(join(outside, "precious"), join(folder, ".podium-pull", TREE));
    expect(existsSync(target.partialPath(TREE))).toBe(false);
  }
  expect(readFileSync(join(outside, "precious"), "utf8")).toBe("precious");
});

test("a folder where a file goes, and a name that pulling needs, are clear errors", () => {
  const folder = newFolder();
  mkdirSync(join(folder, "x/y"), { recursive: true });
  const target = begun(folder, true);
  expect(() => target.write(entry("x"), bytes())).toThrow("x is a folder");
  expect(() => target.write(entry(".podium-pull/tree"), bytes())).toThrow(CliError);
});

test("a large file that has arrived is placed at all its paths", () => {
  const folder = newFolder();
  const target = begun(folder);
  const partial = target.partialPath(TREE);
  writeFileSync(partial, "text");
  target.place([entry("a"), entry("b", "text", 0o755)], partial);
  target.finish();
  expect(readFileSync(join(folder, "a"), "utf8")).toBe("text");
  expect(statSync(join(folder, "b")).mode & 0o777).toBe(0o755);
});

test("a full disk says how far it came and how to go on", () => {
  const error = Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
  expect(String(explainDisk(error, 3 * 1024 ** 2, 5 * 1024 ** 3))).toContain(
    "The disk is full: 3.0 MiB of 5.0 GiB are there. Make room and run the same command again",
  );
});
