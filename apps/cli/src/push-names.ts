import type { TreeEntry } from "@podium/shared";
import type { Comparison, LastPush } from "./last-push.ts";
import type { NamedFile } from "./read-local.ts";
import type { LocalFile } from "./scan.ts";

/** A tree as the hub is told of it: all its files, or what is different from another tree. */
export interface NewTree {
  entries: TreeEntry[];
  base?: string;
  removed?: string[];
}

/** What the files of a push are called: those that were read are named anew, the others as in the last push. */
export class PushNames {
  readonly #read = new Map<number, NamedFile>();
  readonly #seen: Comparison;

  constructor(
    private readonly files: readonly LocalFile[],
    private readonly last: LastPush,
  ) {
    this.#seen = last.compare(files);
  }

  /** The name of a file that is as it was, else null. */
  remembered(index: number): string | null {
    return this.#seen.same[index] ? this.last.nameAt(this.#seen.was[index] as number) : null;
  }

  isRemembered(index: number): boolean {
    return this.#seen.same[index] === 1;
  }

  set(index: number, name: NamedFile) {
    this.#read.set(index, name);
  }

  /** Bytes of all files. */
  size(): number {
    return this.files.reduce((sum, file, index) => sum + (this.#read.get(index)?.size ?? file.size), 0);
  }

  whole(): NewTree {
    return { entries: this.files.map((_, index) => this.#entry(index)) };
  }

  /** What is different from the tree that was pushed last; null when none is known, or most of it is. */
  difference(): NewTree | null {
    const { was, removed } = this.#seen;
    const base = this.last.treeId;
    if (base === null) return null;
    const entries: TreeEntry[] = [];
    for (const index of this.#read.keys()) {
      const entry = this.#entry(index);
      const at = was[index] as number;
      if (at < 0 || !this.last.says(at, entry)) entries.push(entry);
    }
    return entries.length + removed.length > this.files.length / 2 ? null : { base, entries, removed };
  }

  /** Gets them ready to be remembered for the next push, and gives what does it. */
  prepareMemory(): (treeId: string) => void {
    return this.last.prepare(this.files, this.#seen.was, this.#read);
  }

  #entry(index: number): TreeEntry {
    const { path, mode, size } = this.files[index] as LocalFile;
    const read = this.#read.get(index);
    const sha256 = read?.sha256 ?? this.last.nameAt(this.#seen.was[index] as number);
    return { path, mode, sha256, size: read?.size ?? size };
  }
}
