import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { TreeEntry } from "@podium/shared";
import type { NamedFile } from "./read-local.ts";
import type { LocalFile } from "./scan.ts";

/** A file that was written to so shortly before it was read may be written to again without its time moving. */
const RACY_MS = 2_000;
/** Pushed folders that are remembered. */
const KEPT_FOLDERS = 50;
/** Smaller folders are named in a moment. */
const MIN_FILES = 200;
const MIN_BYTES = 64 * 1024 ** 2;
/** A file begins with the SHA-256 of all that follows: this, the tree's id, the number of files, and the columns. */
const MAGIC = "podium push 2\n  ";
const DIGEST_BYTES = 32;
const ID_AT = DIGEST_BYTES + MAGIC.length;
const COUNT_AT = ID_AT + DIGEST_BYTES;
const HEAD_BYTES = COUNT_AT + 8;

/** What was pushed, in columns: of 100,000 files they are read and compared in a few milliseconds. */
interface Columns {
  /** Sorted, as `scan` sorts. */
  paths: readonly string[];
  /** Of each file: size, inode, time of its last writing and of its last change of any kind, 1 if executable. */
  numbers: Float64Array;
  /** Its SHA-256's 32 bytes. */
  names: Buffer;
}
const NUMBERS = 5;

/** What a folder's files are, seen from its last push. */
export interface Comparison {
  /** Where each file stood then, or -1. */
  was: Int32Array;
  /** 1: certainly not written to since. */
  same: Uint8Array;
  /** Paths that are there no more. */
  removed: string[];
}

/**
 * What was pushed from a folder last: the tree, and its files as they were. A file counts as the same while size, inode,
 * and the times of its last writing and last change of any kind are; the latter can't be set by programs.
 */
export class LastPush {
  private constructor(
    private readonly folder: string,
    private readonly path: string,
    /** Null: nothing is known. */
    readonly treeId: string | null,
    private readonly columns: Columns,
    private readonly startedMs: number,
  ) {}

  /** A memory that is damaged or can't be read is an empty one. */
  static open(cacheFolder: string, root: string, nowMs: number): LastPush {
    const folder = join(cacheFolder, "hashes");
    const path = join(folder, Bun.CryptoHasher.hash("sha256", resolve(root), "hex").slice(0, 32));
    const known = read(path);
    return new LastPush(folder, path, known?.treeId ?? null, known?.columns ?? NOTHING, nowMs);
  }

  /** Walks along both lists at once. */
  compare(files: readonly LocalFile[]): Comparison {
    const { paths, numbers } = this.columns;
    const was = new Int32Array(files.length).fill(-1);
    const same = new Uint8Array(files.length);
    const removed: string[] = [];
    let at = 0;
    for (let index = 0; index < files.length; index++) {
      const file = files[index] as LocalFile;
      for (; at < paths.length && (paths[at] as string) < file.path; at++) removed.push(paths[at] as string);
      if (paths[at] !== file.path) continue;
      was[index] = at;
      same[index] = isSame(file, numbers, at++ * NUMBERS) ? 1 : 0;
    }
    return { was, same, removed: removed.concat(paths.slice(at)) };
  }

  /** What the file that stood there was called. */
  nameAt(at: number): string {
    return this.columns.names.toString("hex", at * DIGEST_BYTES, (at + 1) * DIGEST_BYTES);
  }

  /** True when the tree of that time says the very same of the file. */
  says(at: number, { size, mode, sha256 }: Omit<TreeEntry, "path">): boolean {
    const { numbers } = this.columns;
    const [wasSize, wasExecutable] = [numbers[at * NUMBERS], numbers[at * NUMBERS + 4]];
    return wasSize === size && wasExecutable === executable(mode) && this.nameAt(at) === sha256;
  }

  /**
   * Remembers a push for the next one: gets it ready, which takes a while, and gives what writes it once the tree has an
   * id. That it can't be written is nobody's problem. `named`: files that were read; the others are called as they were.
   */
  prepare(
    files: readonly LocalFile[],
    was: Int32Array,
    named: ReadonlyMap<number, NamedFile>,
  ): (treeId: string) => void {
    const bytes = files.reduce((sum, file) => sum + file.size, 0);
    if (files.length < MIN_FILES && bytes < MIN_BYTES) return () => {};
    const content = this.#pack(files, was, named);
    return (treeId) => {
      content.write(treeId, ID_AT, "hex");
      digest(content.subarray(DIGEST_BYTES)).copy(content);
      try {
        mkdirSync(this.folder, { recursive: true, mode: 0o700 });
        writeFileSync(`${this.path}.new`, content, { mode: 0o600 });
        renameSync(`${this.path}.new`, this.path);
        forgetOldest(this.folder);
      } catch {
        rmSync(`${this.path}.new`, { force: true });
      }
    };
  }

  #pack(files: readonly LocalFile[], was: Int32Array, named: ReadonlyMap<number, NamedFile>): Buffer {
    const paths = Buffer.from(files.map((file) => file.path).join("\n"));
    const namesAt = HEAD_BYTES + files.length * NUMBERS * 8;
    const pathsAt = namesAt + files.length * DIGEST_BYTES;
    const content = Buffer.from(new ArrayBuffer(pathsAt + paths.byteLength));
    content.write(MAGIC, DIGEST_BYTES);
    new Float64Array(content.buffer, COUNT_AT, 1)[0] = files.length;
    const numbers = new Float64Array(content.buffer, HEAD_BYTES, files.length * NUMBERS);
    for (let index = 0; index < files.length; index++) {
      const file = files[index] as LocalFile;
      const read = named.get(index);
      const isRacy = Math.max(file.mtimeMs, file.ctimeMs) >= this.startedMs - RACY_MS;
      const at = index * NUMBERS;
      numbers[at] = read?.size ?? file.size;
      numbers[at + 1] = file.ino;
      // NaN is no time that a file could have: such a one is read again.
      numbers[at + 2] = isRacy ? Number.NaN : file.mtimeMs;
      numbers[at + 3] = file.ctimeMs;
      numbers[at + 4] = executable(file.mode);
      const from = (was[index] as number) * DIGEST_BYTES;
      if (read) content.write(read.sha256, namesAt + index * DIGEST_BYTES, "hex");
      else this.columns.names.copy(content, namesAt + index * DIGEST_BYTES, from, from + DIGEST_BYTES);
    }
    paths.copy(content, pathsAt);
    return content;
  }
}

const NOTHING: Columns = { paths: [], numbers: new Float64Array(0), names: Buffer.alloc(0) };

const executable = (mode: number) => (mode === 0o755 ? 1 : 0);
const digest = (bytes: Uint8Array) => new Bun.CryptoHasher("sha256").update(bytes).digest();

function isSame(file: LocalFile, numbers: Float64Array, at: number): boolean {
  return (
    numbers[at] === file.size &&
    numbers[at + 1] === file.ino &&
    numbers[at + 2] === file.mtimeMs &&
    numbers[at + 3] === file.ctimeMs &&
    numbers[at + 4] === executable(file.mode)
  );
}

function read(path: string): { treeId: string; columns: Columns } | null {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch {
    return null;
  }
  const body = bytes.subarray(DIGEST_BYTES);
  const isWhole = bytes.byteLength >= HEAD_BYTES && digest(body).equals(bytes.subarray(0, DIGEST_BYTES));
  if (!isWhole || body.toString("latin1", 0, MAGIC.length) !== MAGIC) return null;
  const count = new Float64Array(copy(bytes, COUNT_AT, HEAD_BYTES))[0] ?? 0;
  const namesAt = HEAD_BYTES + count * NUMBERS * 8;
  const pathsAt = namesAt + count * DIGEST_BYTES;
  const columns = {
    numbers: new Float64Array(copy(bytes, HEAD_BYTES, namesAt)),
    names: bytes.subarray(namesAt, pathsAt),
    paths: count === 0 ? [] : bytes.toString("utf8", pathsAt).split("\n"),
  };
  return { treeId: bytes.toString("hex", ID_AT, COUNT_AT), columns };
}

/** Numbers are read where they are aligned. */
const copy = (bytes: Buffer, from: number, to: number) =>
  bytes.buffer.slice(bytes.byteOffset + from, bytes.byteOffset + to) as ArrayBuffer;

function forgetOldest(folder: string) {
  const files = readdirSync(folder).map((name) => ({ name, usedMs: statSync(join(folder, name)).mtimeMs }));
  for (const { name } of files.sort((a, b) => b.usedMs - a.usedMs).slice(KEPT_FOLDERS)) {
    rmSync(join(folder, name), { force: true });
  }
}
