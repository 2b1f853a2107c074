import { type Dirent, readdirSync, realpathSync, type Stats, statSync } from "node:fs";
import { basename, dirname, relative, resolve, sep } from "node:path";
import { MAX_TREE_ENTRIES, treePathSchema } from "@podium/shared";
import { CliError } from "./errors.ts";
import { type IsIgnored, readIgnoreRules } from "./ignore-rules.ts";

export interface LocalFile {
  /** Path inside the tree, `/` between names. */
  path: string;
  /** Where it lies on this machine. */
  source: string;
  mode: 0o644 | 0o755;
  /** What it was like when it was found: bytes, inode, last written to, last changed in any way. */
  size: number;
  ino: number;
  mtimeMs: number;
  ctimeMs: number;
}

const SHOWN_PROBLEMS = 5;
/** Names that need no closer look, when the folders above them had it: of 100,000 files almost all. */
const PLAIN_NAME = /^[\w.,@+= -]{1,255}$/;
const MAX_PLAIN_PATH = 1024;

/**
 * The files of a folder (or one single file) that a push takes, sorted by path.
 * Throws a `CliError` that lists what can't be pushed: links that lead outside or in a circle, sockets and the like,
 * names that no tree may hold.
 */
export function scan(path: string): LocalFile[] {
  const root = resolve(path);
  const stats = statOrNull(root);
  if (stats === null) throw new CliError(`${path} does not exist.`);
  if (stats.isFile()) return [localFile(basename(root), root, stats)];
  if (!stats.isDirectory()) throw new CliError(`${path} is neither a folder nor a file.`);

  const walk: Walk = { root: realpathSync(root), isIgnored: readIgnoreRules(root), files: [], problems: [] };
  walkFolder(walk, root, "", []);
  if (walk.problems.length > 0) throw new CliError(describe(path, walk.problems));
  if (walk.files.length > MAX_TREE_ENTRIES) {
    throw new CliError(
      `${path} has more than ${MAX_TREE_ENTRIES} files. Pack them, or leave some out in .podiumignore.`,
    );
  }
  return walk.files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

interface Walk {
  root: string;
  isIgnored: IsIgnored;
  files: LocalFile[];
  problems: string[];
}

function walkFolder(walk: Walk, folder: string, prefix: string, above: readonly string[]): void {
  const real = realpathSync(folder);
  if (above.includes(real)) {
    walk.problems.push(`${prefix.slice(0, -1)}: a link that leads back to a folder above it`);
    return;
  }
  const within = [...above, real];
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    visit(walk, `${folder}/${entry.name}`, prefix + entry.name, entry, within);
  }
}

function visit(walk: Walk, source: string, path: string, entry: Dirent, above: readonly string[]): void {
  const stats = statOrNull(source);
  const isFolder = stats?.isDirectory() ?? false;
  // An ignored link, broken name or socket is nobody's problem: ignore before judging.
  if (walk.isIgnored(path, isFolder)) return;
  const problem = judge(walk, source, path, entry, stats);
  if (problem !== null || stats === null) {
    walk.problems.push(`${printableName(path)}: ${problem ?? "can't be read"}`);
  } else if (isFolder) {
    walkFolder(walk, source, `${path}/`, above);
  } else {
    walk.files.push(localFile(path, source, stats));
  }
}

function judge(walk: Walk, source: string, path: string, entry: Dirent, stats: Stats | null): string | null {
  const isPlain = PLAIN_NAME.test(entry.name) && path.length <= MAX_PLAIN_PATH;
  if (!isPlain && path.includes("\uFFFD")) return "its name is not valid UTF-8: rename it";
  const name = isPlain ? null : treePathSchema.safeParse(path);
  if (name?.success === false)
    return `its name ${name.error.issues[0]?.message ?? "is not allowed"}: rename it`;
  if (stats === null)
    return entry.isSymbolicLink() ? "a link to something that does not exist" : "can't be read";
  if (entry.isSymbolicLink() && !isInside(walk.root, realpathSync(source))) {
    return "a link that leads outside the folder: copy the file in, or leave the link out in .podiumignore";
  }
  if (!stats.isFile() && !stats.isDirectory())
    return "neither a file nor a folder: leave it out in .podiumignore";
  return null;
}

function localFile(path: string, source: string, stats: Stats): LocalFile {
  const { size, ino, mtimeMs, ctimeMs } = stats;
  return { path, source, mode: (stats.mode & 0o100) !== 0 ? 0o755 : 0o644, size, ino, mtimeMs, ctimeMs };
}

function isInside(root: string, path: string): boolean {
  const way = relative(root, path);
  return way === "" || (way !== ".." && !way.startsWith(`..${sep}`) && dirname(way) !== way);
}

function statOrNull(path: string): Stats | null {
  try {
    return statSync(path);
  } catch {
    return null;
  }
}

function describe(path: string, problems: readonly string[]): string {
  const shown = problems.slice(0, SHOWN_PROBLEMS).map((problem) => `\n  ${problem}`);
  const more = problems.length > SHOWN_PROBLEMS ? `\n  … and ${problems.length - SHOWN_PROBLEMS} more` : "";
  return `${path} can't be pushed as it is:${shown.join("")}${more}`;
}

function printableName(path: string): string {
  return JSON.stringify(path).slice(1, -1);
}
