import { manifestLine, type TreeEntry } from "@podium/shared";

/** Manifests are stored in pages of about this many characters. */
export const PAGE_LENGTH = 256 * 1024;
/** So many problems are told. */
const MAX_PROBLEMS = 20;
/** In a manifest's line the SHA-256 stands here, and the size begins behind it. */
const [NAME_AT, SIZE_AT] = [4, 69];

export interface Change {
  /** Files that are another in the new tree, or new; each path once, and none among the removed. */
  entries: readonly TreeEntry[];
  removed: readonly string[];
}

export interface EditedManifest {
  /** The canonical manifest of the new tree. */
  pages: string[];
  /** By how much it has more files and bytes than the old one. */
  files: number;
  size: number;
  /** Blobs that the old manifest names and the new one does not. */
  dropped: string[];
  /** Where the change doesn't fit the old manifest; then all else means nothing. */
  problems: { path: string; message: string }[];
}

/** One look at a place of the old manifest: to write or take away a line there, or to see that nothing is in the way. */
interface Step {
  path: string;
  what: "put" | "remove" | "no file" | "nothing below";
  index: number;
}

/**
 * Changes a canonical manifest. The pages are searched by halves and copied in pieces, so that it takes the time of what
 * changes, not of all 100,000 lines. The old manifest is taken for a right one: only what changes is looked at.
 */
export function editManifest(pages: readonly string[], change: Change): EditedManifest {
  const edit = new Edit(change);
  const old = pages.length > 0 ? pages : [""];
  for (const [number, page] of old.entries()) edit.page(page, number === old.length - 1);
  return edit.finish();
}

class Edit {
  readonly #steps: Step[];
  readonly #removed: ReadonlySet<string>;
  readonly #replaced = new Set<string>();
  readonly #result: EditedManifest = { pages: [], files: 0, size: 0, dropped: [], problems: [] };
  #step = 0;
  #text = "";
  /** A new file's path and `/`, as long as the old manifest's lines begin with it. */
  #below: Step | null = null;

  constructor(private readonly change: Change) {
    this.#steps = stepsOf(change);
    this.#removed = new Set(change.removed);
  }

  /** Takes the next page of the old manifest. */
  page(page: string, isLast: boolean) {
    const last = pathAt(page, page.lastIndexOf("\n", page.length - 2) + 1);
    let copied = 0;
    this.#lookBelow(page, 0);
    for (let step = this.#steps[this.#step]; step && (isLast || step.path <= last); ) {
      copied = this.#take(step, page, copied);
      step = this.#steps[++this.#step];
    }
    this.#text += page.slice(copied);
    this.#cut(PAGE_LENGTH / 2);
  }

  finish(): EditedManifest {
    this.#cut(1);
    const result = this.#result;
    for (const name of namesIn(result.pages, this.#replaced)) this.#replaced.delete(name);
    return { ...result, dropped: [...this.#replaced], problems: result.problems.slice(0, MAX_PROBLEMS) };
  }

  /** Does one step; the page is copied up to `copied`. @returns up to where it is copied, or left out, then */
  #take(step: Step, page: string, copied: number): number {
    const { start, end } = findLine(page, copied, step.path);
    const isThere = end > start;
    if (step.what === "nothing below") {
      this.#below = step;
      this.#lookBelow(page, start);
      return copied;
    }
    if (step.what === "no file") {
      if (isThere && !this.#removed.has(step.path))
        this.#refuse(`entries.${step.index}`, `"${step.path}" is both a file and a folder`);
      return copied;
    }
    if (step.what === "remove" && !isThere)
      this.#refuse(`removed.${step.index}`, `"${step.path}" is not in the base tree`);
    this.#text += page.slice(copied, start);
    if (isThere) this.#forget(page, start);
    const entry = this.change.entries[step.index];
    if (step.what === "put" && entry) this.#write(entry);
    return end;
  }

  #forget(page: string, line: number) {
    this.#replaced.add(page.slice(line + NAME_AT, line + SIZE_AT - 1));
    this.#result.size -= Number(page.slice(line + SIZE_AT, page.indexOf(" ", line + SIZE_AT)));
    this.#result.files -= 1;
  }

  #write(entry: TreeEntry) {
    this.#text += manifestLine(entry);
    this.#result.size += entry.size;
    this.#result.files += 1;
  }

  /** Looks at the lines below a new file, of which all must have been removed. They may go on on the next page. */
  #lookBelow(page: string, from: number) {
    for (let at = from; this.#below && at < page.length; at = page.indexOf("\n", at) + 1) {
      const path = pathAt(page, at);
      if (!path.startsWith(this.#below.path)) this.#below = null;
      else if (!this.#removed.has(path)) {
        const file = this.#below.path.slice(0, -1);
        this.#refuse(`entries.${this.#below.index}`, `"${file}" is both a file and a folder`);
        this.#below = null;
      }
    }
  }

  #refuse(path: string, message: string) {
    this.#result.problems.push({ path, message });
  }

  /** Pages keep about their length: one that grew is cut, and what is shorter than `least` goes to the next. */
  #cut(least: number) {
    while (this.#text.length >= 2 * PAGE_LENGTH) this.#close(this.#text.indexOf("\n", PAGE_LENGTH) + 1);
    if (this.#text.length >= least) this.#close(this.#text.length);
  }

  #close(end: number) {
    this.#result.pages.push(this.#text.slice(0, end));
    this.#text = this.#text.slice(end);
  }
}

/** In the order of the manifest, by UTF-16 code units. */
function stepsOf({ entries, removed }: Change): Step[] {
  const steps: Step[] = removed.map((path, index) => ({ path, what: "remove", index }));
  const folders = new Set<string>();
  for (const [index, { path }] of entries.entries()) {
    steps.push({ path, what: "put", index }, { path: `${path}/`, what: "nothing below", index });
    for (let at = path.lastIndexOf("/"); at > 0; at = path.lastIndexOf("/", at - 1)) {
      const folder = path.slice(0, at);
      if (folders.has(folder)) break;
      folders.add(folder);
      steps.push({ path: folder, what: "no file", index });
    }
  }
  return steps.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

/** The line with this path, from `from` on; where there is none, an empty one at the place where it would be. */
function findLine(page: string, from: number, path: string): { start: number; end: number } {
  let [low, high] = [from, page.length];
  while (low < high) {
    // The line that the middle is in.
    const start = page.lastIndexOf("\n", ((low + high) >> 1) - 1) + 1;
    const end = page.indexOf("\n", start) + 1;
    const found = pathAt(page, start);
    if (found === path) return { start, end };
    if (found < path) low = end;
    else high = start;
  }
  return { start: low, end: low };
}

function pathAt(page: string, line: number): string {
  return page.slice(page.indexOf(" ", line + SIZE_AT) + 1, page.indexOf("\n", line));
}

/** Those of the names that the pages' lines hold. */
function* namesIn(pages: readonly string[], wanted: ReadonlySet<string>): Generator<string> {
  if (wanted.size === 0) return;
  for (const page of pages)
    for (let at = 0; at < page.length; at = page.indexOf("\n", at + SIZE_AT) + 1) {
      const name = page.slice(at + NAME_AT, at + SIZE_AT - 1);
      if (wanted.has(name)) yield name;
    }
}
