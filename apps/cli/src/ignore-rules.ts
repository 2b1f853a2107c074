import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ignore from "ignore";

/** Left out of every push; `!name` in .podiumignore brings one back. */
const DEFAULT_IGNORE = [".git", "__pycache__", "node_modules", ".venv", ".podium-pull"];
const IGNORE_FILES = [".podiumignore", ".nsmlignore"];

/**
 * Says of a path below the folder (with `/` between names) whether it stays out of a push; gitignore's syntax. To be
 * asked from the top down: not about what is in a folder that stays out.
 */
export type IsIgnored = (path: string, isFolder: boolean) => boolean;

/** The rules of a folder: the defaults, then those of the ignore files at its top. */
export function readIgnoreRules(folder: string): IsIgnored {
  const files = IGNORE_FILES.map((name) => join(folder, name)).filter((path) => existsSync(path));
  if (files.length === 0) return isIgnoredByDefault;
  const rules = ignore().add(DEFAULT_IGNORE);
  for (const path of files) rules.add(readFileSync(path, "utf8"));
  return (path, isFolder) => rules.ignores(isFolder ? `${path}/` : path);
}

const IGNORED_NAMES = new Set(DEFAULT_IGNORE);

/** The same as rules of these names: of 100,000 files it takes a hundredth of the time. */
const isIgnoredByDefault: IsIgnored = (path) =>
  IGNORED_NAMES.has(path.slice(path.lastIndexOf("/") + 1).toLowerCase());
