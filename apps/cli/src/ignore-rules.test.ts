import { expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { readIgnoreRules } from "./ignore-rules.ts";
import { temporaryFolders } from "./testing/folders.ts";

const newFolder = temporaryFolders("ignore");

const folderWith = (files: Record<string, string>) => {
  const folder = newFolder();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
};

test("without an ignore file the usual clutter stays out, at any depth", () => {
  const isIgnored = readIgnoreRules(folderWith({}));
  expect(isIgnored(".git", true)).toBe(true);
  expect(isIgnored("lib/__pycache__", true)).toBe(true);
  expect(isIgnored("node_modules", true)).toBe(true);
  expect(isIgnored("main.py", false)).toBe(false);
  expect(isIgnored("gitlike.py", false)).toBe(false);
});

test(".podiumignore and .nsmlignore both count, in gitignore's syntax", () => {
  const isIgnored = readIgnoreRules(
    folderWith({ ".podiumignore": "*.ckpt\n!best.ckpt\n/data/\n", ".nsmlignore": "# notes\nnotes-*.txt\n" }),
  );
  expect(isIgnored("runs/last.ckpt", false)).toBe(true);
  expect(isIgnored("runs/best.ckpt", false)).toBe(false);
  expect(isIgnored("data", true)).toBe(true);
  expect(isIgnored("src/data", true)).toBe(false);
  expect(isIgnored("notes-1.txt", false)).toBe(true);
});

test("a default can be brought back", () => {
  const isIgnored = readIgnoreRules(folderWith({ ".podiumignore": "!node_modules\n" }));
  expect(isIgnored("node_modules", true)).toBe(false);
});
