import type { DatasetDiff, FileChangeKind, TreeEntry } from "@podium/shared";
import { eachInSlices } from "../../platform/others-turn.ts";

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
 * of their paths. Empty files are all alike, so none of them counts as renamed. Time is linear in the entries, of
 * which both lists are in the order of their paths; other requests have their turn in between.
 */
export async function diffTrees(
  from: readonly TreeEntry[],
  to: readonly TreeEntry[],
): Promise<{ totals: Totals; changes: FileChange[] }> {
  const totals = noChange();
  const changes: FileChange[] = [];
  await eachInSlices(sideBySide(from, to), ([before, after]) => {
    const change = kindOf(before, after);
    if (change) changes.push({ change, before, after });
    else count(totals.unchanged, after);
  });
  const moved = await pairRenamed(changes);
  const rest: FileChange[] = [];
  await eachInSlices(changes, (each) => {
    if (moved.has(each)) return;
    rest.push(each);
    count(totals[each.change], each.after ?? each.before);
  });
  return { totals, changes: rest };
}

/** Files of the same bytes. */
interface Alike {
  gone: FileChange[];
  fresh: FileChange[];
}

/** The path under which a change is listed: where the file is now, or where it was. */
export const pathOf = ({ before, after }: FileChange): string => (after ?? before)?.path ?? "";

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
async function pairRenamed(changes: readonly FileChange[]): Promise<ReadonlySet<FileChange>> {
  const alike = new Map<string, Alike>();
  await eachInSlices(changes, (each) => {
    if (each.change !== "removed" || !each.before?.size) return;
    const group = alike.get(each.before.sha256);
    if (group) group.gone.push(each);
    else alike.set(each.before.sha256, { gone: [each], fresh: [] });
  });
  const moved = new Set<FileChange>();
  if (alike.size === 0) return moved;
  await eachInSlices(changes, (each) => {
    if (each.change === "added" && each.after) alike.get(each.after.sha256)?.fresh.push(each);
  });
  const pair = (gone: FileChange, fresh: FileChange) => {
    fresh.change = "renamed";
    fresh.before = gone.before;
    moved.add(gone);
  };
  const crowds: Alike[] = [];
  await eachInSlices(alike.values(), (group) => {
    const [old, each] = [group.gone[0], group.fresh[0]];
    if (group.gone.length > 1 || group.fresh.length > 1) crowds.push(group);
    else if (old && each) pair(old, each);
  });
  for (const { gone, fresh } of crowds) await pairCrowd(gone, fresh, moved, pair);
  return moved;
}

const nameOf = (path: string) => path.slice(path.lastIndexOf("/") + 1);

/** Pairs several files of the same bytes: first those of the same name, then as they come. */
async function pairCrowd(
  gone: readonly FileChange[],
  fresh: readonly FileChange[],
  moved: ReadonlySet<FileChange>,
  pair: (gone: FileChange, fresh: FileChange) => void,
): Promise<void> {
  const byName = new Map<string, FileChange[]>();
  await eachInSlices(gone.toReversed(), (each) => {
    const name = nameOf(pathOf(each));
    const others = byName.get(name);
    if (others) others.push(each);
    else byName.set(name, [each]);
  });
  await eachInSlices(fresh, (each) => {
    const old = byName.get(nameOf(pathOf(each)))?.pop();
    if (old) pair(old, each);
  });
  let next = 0;
  await eachInSlices(fresh, (each) => {
    if (each.change !== "added") return;
    while (next < gone.length && moved.has(gone[next] as FileChange)) next += 1;
    const old = gone[next++];
    if (old) pair(old, each);
  });
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
