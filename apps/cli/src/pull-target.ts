import {
  chmodSync,
  closeSync,
  copyFileSync,
  existsSync,
  fchmodSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { TreeEntry } from "@podium/shared";
import { CliError } from "./errors.ts";
import { formatBytes } from "./quantities.ts";

/** Says of a folder which tree is being pulled into it, and holds the large files that have arrived in part. */
const MARKER = ".podium-pull";

/**
 * The folder that a tree is pulled into. Neither the hub nor what lies in the folder is trusted: nothing is written
 * outside of it, through no link. Methods throw a `CliError` for what the person can change.
 */
export class PullTarget {
  readonly folder: string;
  readonly #marker: string;
  /** Folders that are known to be real ones. */
  readonly #folders = new Set<string>();

  private constructor(
    path: string,
    private readonly treeId: string,
  ) {
    this.folder = resolve(path);
    this.#marker = join(this.folder, MARKER);
  }

  /** A folder that is new or empty, was left by an interrupted pull of this tree, or may be written over. */
  static open(path: string, treeId: string, options: { force: boolean }): PullTarget {
    const target = new PullTarget(path, treeId);
    const { folder } = target;
    if (existsSync(folder) && !statSync(folder).isDirectory())
      throw new CliError(`${path} is a file. Name a folder.`);
    const started = target.#startedTree();
    if (started !== null && started !== treeId && !options.force) {
      throw new CliError(
        `${path} holds the beginning of another pull. Name a new folder, or write over it with --force.`,
      );
    }
    const isUsed = existsSync(folder) && readdirSync(folder).length > 0;
    if (isUsed && started === null && !options.force) {
      throw new CliError(`${path} is not empty. Name a new folder, or write over it with --force.`);
    }
    return target;
  }

  /** From now on the folder says what is being pulled into it. */
  begin() {
    mkdirSync(this.#marker, { recursive: true });
    writeFileSync(join(this.#marker, "tree"), this.treeId);
  }

  /** Where a large file grows until it is whole. */
  partialPath(sha256: string): string {
    const path = join(this.#marker, sha256);
    const status = statusOf(path);
    if (status && !(status.isFile() && status.nlink === 1)) rmSync(path, { recursive: true });
    return path;
  }

  /** The path of an entry if a plain file of its size is there, to be looked at closer. */
  existing(entry: TreeEntry): string | null {
    const path = this.#pathOf(entry);
    const status = statusOf(path);
    return status?.isFile() && status.size === entry.size ? path : null;
  }

  /** Writes one whole file. */
  write(entry: TreeEntry, bytes: Uint8Array) {
    const path = this.#free(entry);
    // "wx" follows no link that somebody puts there meanwhile.
    const file = openSync(path, "wx", entry.mode);
    try {
      for (let at = 0; at < bytes.byteLength; ) at += writeSync(file, bytes, at);
      fchmodSync(file, entry.mode);
    } finally {
      closeSync(file);
    }
  }

  /** Moves a file that has arrived to the entries that are this file. */
  place(entries: readonly TreeEntry[], partial: string) {
    for (const [index, entry] of entries.entries()) {
      const path = this.#free(entry);
      if (index < entries.length - 1) copyFileSync(partial, path);
      else renameSync(partial, path);
      chmodSync(path, entry.mode);
    }
  }

  setMode(entry: TreeEntry) {
    chmodSync(this.#pathOf(entry), entry.mode);
  }

  /** The tree is all there: the folder is like any other. */
  finish() {
    rmSync(this.#marker, { recursive: true, force: true });
  }

  #startedTree(): string | null {
    const status = statusOf(this.#marker);
    if (!status) return null;
    if (!status.isDirectory()) throw new CliError(`${this.#marker} is in the way. Delete it.`);
    try {
      return readFileSync(join(this.#marker, "tree"), "utf8");
    } catch {
      return "";
    }
  }

  #pathOf(entry: TreeEntry): string {
    if (entry.path === MARKER || entry.path.startsWith(`${MARKER}/`))
      throw new CliError(`The tree has a file ${entry.path}, a name that pulling needs for itself.`);
    const path = join(this.folder, entry.path);
    this.#makeFolder(dirname(path), entry);
    return path;
  }

  /** The path of an entry, with nothing there. */
  #free(entry: TreeEntry): string {
    const path = this.#pathOf(entry);
    const status = statusOf(path);
    if (status?.isDirectory()) {
      throw new CliError(`${path} is a folder, and the tree has a file of that name. Move it away.`);
    }
    if (status) unlinkSync(path);
    return path;
  }

  #makeFolder(folder: string, entry: TreeEntry) {
    if (folder === this.folder || this.#folders.has(folder)) return;
    this.#makeFolder(dirname(folder), entry);
    const status = statusOf(folder);
    if (status && !status.isDirectory()) {
      const what = status.isSymbolicLink() ? "a link" : "no folder";
      throw new CliError(`${folder} is ${what}: ${entry.path} would be written elsewhere. Move it away.`);
    }
    if (!status) mkdirSync(folder);
    this.#folders.add(folder);
  }
}

/** In words when the disk is full; everything else as it is. */
export function explainDisk(error: unknown, written: number, total: number): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  if (code !== "ENOSPC" && code !== "EDQUOT") return error;
  return new CliError(
    `The disk is full: ${formatBytes(written)} of ${formatBytes(total)} are there. Make room and run the same command again; it goes on from there.`,
  );
}

function statusOf(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}
