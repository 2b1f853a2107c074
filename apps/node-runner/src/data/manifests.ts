import { utimesSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { canonicalManifest, DomainError, type Tree, type TreeEntry } from "@podium/shared";
import type { Clock } from "../clock.ts";
import { blocksOf } from "./evict.ts";
import { isErrno, writeDurably } from "./files.ts";

/** Empty names, `.` and `..`, and what would end a line of the list: whoever sends it, nothing climbs out of a tree. */
const UNSAFE = /(^|\/)\.{0,2}(\/|$)|[\0\n]/;

/**
 * The lists of files of the trees on this machine. A list is kept as the very text whose SHA-256 is the tree's id:
 * it proves itself, and 100,000 lines are read in a moment.
 */
export class Manifests {
  #grown = 0;
  /** Lists that are being written: two attempts may bring the same one at once. */
  readonly #writing = new Map<string, Promise<void>>();

  private constructor(
    readonly folder: string,
    private readonly clock: Clock,
  ) {}

  static async open(dataFolder: string, clock: Clock) {
    const manifests = new Manifests(join(dataFolder, "manifests"), clock);
    await mkdir(manifests.folder, { recursive: true, mode: 0o700 });
    return manifests;
  }

  path(treeId: string) {
    return join(this.folder, treeId);
  }

  /** The files of a tree, or null when its list is not here, or damaged. */
  async read(treeId: string): Promise<TreeEntry[] | null> {
    const bytes = await this.#bytes(treeId);
    if (!bytes || Bun.CryptoHasher.hash("sha256", bytes, "hex") !== treeId) return null;
    // The access time is the moment of last use, as with blobs.
    const now = this.clock.now();
    utimesSync(this.path(treeId), now, now);
    return parseManifest(bytes.toString("utf8"));
  }

  /** True when the tree's list names the blob. */
  async names(treeId: string, sha256: string): Promise<boolean> {
    return (await this.#bytes(treeId))?.includes(sha256) ?? false;
  }

  /** Keeps what the hub says. Throws `hash_mismatch` when it isn't the tree that was asked for. */
  async keep(treeId: string, tree: Tree): Promise<TreeEntry[]> {
    const unsafe = tree.entries.find((entry) => !isSafe(entry));
    if (unsafe)
      throw new DomainError("invalid_request", `${JSON.stringify(unsafe.path)} is no file of a tree.`);
    const text = canonicalManifest(tree.entries);
    if (Bun.CryptoHasher.hash("sha256", text, "hex") !== treeId) {
      throw new DomainError(
        "hash_mismatch",
        `The hub's list of files of tree ${treeId} does not match its id.`,
      );
    }
    const writing = this.#writing.get(treeId) ?? this.#write(treeId, text);
    this.#writing.set(treeId, writing);
    await writing;
    // Read from the text: its parts share its memory, which the parts of the hub's answer do not.
    return parseManifest(text);
  }

  async #write(treeId: string, text: string) {
    try {
      await writeDurably(this.path(treeId), text);
      this.#grown += blocksOf(Buffer.byteLength(text));
    } finally {
      this.#writing.delete(treeId);
    }
  }

  /** Bytes kept since the last call. */
  takeGrown(): number {
    const grown = this.#grown;
    this.#grown = 0;
    return grown;
  }

  async #bytes(treeId: string): Promise<Buffer | null> {
    try {
      return await readFile(this.path(treeId));
    } catch (error) {
      if (isErrno(error, "ENOENT")) return null;
      throw error;
    }
  }
}

/** A blob's name is a path in the cache, too. */
function isSafe({ path, sha256, size, mode }: TreeEntry): boolean {
  const isWhole = Number.isSafeInteger(size) && size >= 0 && (mode === 0o644 || mode === 0o755);
  return isWhole && /^[0-9a-f]{64}$/.test(sha256) && !UNSAFE.test(path);
}

/** The id that a list of files has: the SHA-256 of its canonical manifest. */
export function treeIdOf(entries: readonly TreeEntry[]): string {
  return Bun.CryptoHasher.hash("sha256", canonicalManifest(entries), "hex");
}

/** Lines of `mode sha256 size path`; a path has no line break, but may have spaces. */
function parseManifest(text: string): TreeEntry[] {
  const entries: TreeEntry[] = [];
  for (let at = 0; at < text.length; ) {
    const end = text.indexOf("\n", at);
    const afterSize = text.indexOf(" ", at + 69);
    entries.push({
      mode: text.startsWith("755", at) ? 0o755 : 0o644,
      sha256: text.slice(at + 4, at + 68),
      size: Number(text.slice(at + 69, afterSize)),
      path: text.slice(afterSize + 1, end),
    });
    at = end + 1;
  }
  return entries;
}
