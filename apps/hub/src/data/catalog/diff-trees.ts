import type { DatasetDiff, FileChangeKind, TreeEntry } from "@podium/shared";

type Totals = DatasetDiff["totals"];

/** One file that differs: without `before` it is new, without `after` it is gone. */
export interface FileChange {
  change: FileChangeKind;
  before: TreeEntry | null;
  after: TreeEntry | null;
}

/**
 * What became of the files of one tree in another, sorted by path. A file that is gone and a new one with the same
 * bytes are one renamed file; of several candidates those of the same file name are paired first, then in the order
 * of their paths. Empty files are all alike, so none of them counts as renamed. Time is linear in the entries.
 */
export function diffTrees(
  from: readonly TreeEntry[],
  to: readonly TreeEntry[],
): { totals: Totals; changes: FileChange[] } {
  const totals = noChange();
  const changes: FileChange[] = [];
  for (const [before, after] of sideBySide(inOrder(from), inOrder(to))) {
    const change = kindOf(before, after);
    if (change) changes.push({ change, before, after });
    else count(totals.unchanged, after);
  }
  const moved = pairRenamed(changes);
  const rest = moved.size === 0 ? changes : changes.filter((each) => !moved.has(each));
  for (const { change, before, after } of rest) count(totals[change], after ?? before);
  return { totals, changes: rest };
}

/** The path under which a change is listed: where the file is now, or where it was. */
export const pathOf = ({ before, after }: FileChange): string => (after ?? before)?.path ?? "";

function inOrder(entries: readonly TreeEntry[]): readonly TreeEntry[] {
  const sorted = entries.every(
    (entry, index) => index === 0 || (entries[index - 1]?.path ?? "") < entry.path,
  );
  return sorted ? entries : [...entries].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Walks two sorted lists at once: each path comes once, with what either list has there. */
function* sideBySide(
  from: readonly TreeEntry[],
  to: readonly TreeEntry[],
): Generator<[TreeEntry | null, TreeEntry | null]> {
  let left = 0;
  let right = 0;
  while (left < from.length || right < to.length) {
    const before = from[left];
    const after = to[right];
    const both = before?.path === after?.path;
    const leftFirst = both || after === undefined || (before !== undefined && before.path < after.path);
    if (leftFirst) left += 1;
    if (both || !leftFirst) right += 1;
    yield [leftFirst ? (before ?? null) : null, both || !leftFirst ? (after ?? null) : null];
  }
}

function kindOf(before: TreeEntry | null, after: TreeEntry | null): FileChangeKind | null {
  if (!before) return "added";
  if (!after) return "removed";
  if (before.sha256 !== after.sha256) return "changed";
  return before.mode === after.mode ? null : "mode_changed";
}

/** Turns added files into renamed ones where it finds their bytes among the removed; gives those removals. */
function pairRenamed(changes: readonly FileChange[]): ReadonlySet<FileChange> {
  const alike = new Map<string, { gone: FileChange[]; fresh: FileChange[] }>();
  for (const each of changes) {
    if (each.change !== "removed" || !each.before?.size) continue;
    const group = alike.get(each.before.sha256);
    if (group) group.gone.push(each);
    else alike.set(each.before.sha256, { gone: [each], fresh: [] });
  }
  if (alike.size === 0) return new Set();
  for (const each of changes) {
    if (each.change === "added" && each.after) alike.get(each.after.sha256)?.fresh.push(each);
  }
  const moved = new Set<FileChange>();
  const pair = (gone: FileChange, fresh: FileChange) => {
    fresh.change = "renamed";
    fresh.before = gone.before;
    moved.add(gone);
  };
  for (const { gone, fresh } of alike.values()) {
    if (gone.length > 1 || fresh.length > 1) pairSameNames(gone, fresh, pair);
    const left = gone.filter((each) => !moved.has(each));
    const unpaired = fresh.filter(({ change }) => change === "added");
    for (const [index, old] of left.slice(0, unpaired.length).entries()) {
      const each = unpaired[index];
      if (each) pair(old, each);
    }
  }
  return moved;
}

const nameOf = (path: string) => path.slice(path.lastIndexOf("/") + 1);

function pairSameNames(
  gone: readonly FileChange[],
  fresh: readonly FileChange[],
  pair: (gone: FileChange, fresh: FileChange) => void,
): void {
  const byName = Map.groupBy(gone.toReversed(), (each) => nameOf(pathOf(each)));
  for (const each of fresh) {
    const old = byName.get(nameOf(pathOf(each)))?.pop();
    if (old) pair(old, each);
  }
}

function noChange(): Totals {
  const none = () => ({ files: 0, bytes: 0 });
  return {
    added: none(),
    removed: none(),
    changed: none(),
    renamed: none(),
    mode_changed: none(),
    unchanged: none(),
  };
}

function count(total: { files: number; bytes: number }, entry: TreeEntry | null): void {
  total.files += 1;
  total.bytes += entry?.size ?? 0;
}
