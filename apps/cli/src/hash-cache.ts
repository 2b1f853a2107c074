import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { LocalFile } from "./scan.ts";

/** A file that was written to so shortly before it was read may be written to again without its time moving. */
const RACY_MS = 2_000;
/** Pushed folders that are remembered. */
const KEPT_FOLDERS = 50;
/** Smaller folders are named in a moment. */
const MIN_FILES = 200;
const MIN_BYTES = 64 * 1024 ** 2;
const HEADER = "podium hashes 1";

/**
 * What the files of a folder were called when it was pushed last. A file counts as the same while size, inode, and
 * the times of its last writing and last change of any kind are; the latter can't be set by programs.
 */
export class HashCache {
  private constructor(
    private readonly folder: string,
    private readonly path: string,
    private readonly known: ReadonlyMap<string, string>,
    private readonly startedMs: number,
  ) {}

  /** A cache that is damaged or can't be read is an empty one. */
  static open(cacheFolder: string, root: string, nowMs: number): HashCache {
    const folder = join(cacheFolder, "hashes");
    const path = join(folder, digest(resolve(root)).slice(0, 32));
    return new HashCache(folder, path, read(path), nowMs);
  }

  /** The file's name as a blob, when it has not changed since. */
  find(file: LocalFile): string | undefined {
    return this.known.get(keyOf(file));
  }

  /** Remembers the names for the next push; that this can't be done is nobody's problem. */
  save(files: readonly LocalFile[], names: readonly string[]) {
    const bytes = files.reduce((sum, file) => sum + file.size, 0);
    if (files.length < MIN_FILES && bytes < MIN_BYTES) return;
    const lines = files.flatMap((file, index) =>
      Math.max(file.mtimeMs, file.ctimeMs) < this.startedMs - RACY_MS
        ? `${names[index]} ${keyOf(file)}\n`
        : [],
    );
    const body = lines.join("");
    try {
      mkdirSync(this.folder, { recursive: true, mode: 0o700 });
      writeFileSync(`${this.path}.new`, `${HEADER} ${digest(body)}\n${body}`, { mode: 0o600 });
      renameSync(`${this.path}.new`, this.path);
      forgetOldest(this.folder);
    } catch {
      rmSync(`${this.path}.new`, { force: true });
    }
  }
}

const keyOf = ({ size, ino, mtimeMs, ctimeMs, path }: LocalFile) =>
  `${size} ${ino} ${mtimeMs} ${ctimeMs} ${path}`;

const digest = (text: string) => Bun.CryptoHasher.hash("sha256", text, "hex");

function read(path: string): Map<string, string> {
  const known = new Map<string, string>();
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return known;
  }
  const headerEnd = text.indexOf("\n") + 1;
  if (text.slice(0, headerEnd - 1) !== `${HEADER} ${digest(text.slice(headerEnd))}`) return known;
  for (let at = headerEnd; at < text.length; ) {
    const end = text.indexOf("\n", at);
    known.set(text.slice(at + 65, end), text.slice(at, at + 64));
    at = end + 1;
  }
  return known;
}

function forgetOldest(folder: string) {
  const files = readdirSync(folder).map((name) => ({ name, usedMs: statSync(join(folder, name)).mtimeMs }));
  for (const { name } of files.sort((a, b) => b.usedMs - a.usedMs).slice(KEPT_FOLDERS)) {
    rmSync(join(folder, name), { force: true });
  }
}
