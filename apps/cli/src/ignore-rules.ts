import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ignore from "ignore";

/** Left out of every push; `!name` in .podiumignore brings one back. */
const DEFAULT_IGNORE = [".git", "__pycache__", "node_modules", ".venv", ".podium-pull"];
const IGNORE_FILES = [".podiumignore", ".nsmlignore"];

/** Says of a path below the folder (with `/` between names) whether it stays out of a push; gitignore's syntax. */
export type IsIgnored = (path: string, isFolder: boolean) => boolean;

/** The rules of a folder: the defaults, then those of the ignore files at its top. */
export function readIgnoreRules(folder: string): IsIgnored {
  const rules = ignore().add(DEFAULT_IGNORE);
  for (const name of IGNORE_FILES) {
    const path = join(folder, name);
    if (existsSync(path)) rules.add(readFileSync(path, "utf8"));
  }
  return (path, isFolder) => rules.ignores(isFolder ? `${path}/` : path);
}
