import {
  type DatasetChange,
  type DatasetDiff,
  DomainError,
  parseManifest,
  type TreeEntry,
} from "@podium/shared";
import type { Context } from "../../platform/context.ts";
import { othersTurn } from "../../platform/others-turn.ts";
import { manifestPages } from "../trees/store.ts";
import { chooseVersion } from "./choose-version.ts";
import { diffTrees, type FileChange, pathOf } from "./diff-trees.ts";
import { readableDataset } from "./show.ts";
import { listVersions, type VersionRow } from "./store.ts";

interface Compared {
  team: string;
  name: string;
  /** default: the version before `to` */
  from?: number | undefined;
  /** default: the newest */
  to?: number | undefined;
  limit: number;
  /** path of the last change of the page before */
  after?: string | undefined;
}

/**
 * What changed between two versions of a dataset, in the order of the paths; the totals are of all changes,
 * whatever the page. @throws DomainError `not_found` for unknown and forbidden datasets and versions
 */
export async function diffVersions(ctx: Context, input: Compared): Promise<DatasetDiff> {
  const { team, name, limit, after } = input;
  const { id } = await readableDataset(ctx, ctx.db, team, name);
  const versions = await listVersions(ctx.db, id);
  const to = chooseVersion(versions, input.to, `${team}/${name}`);
  const from =
    input.from === undefined
      ? versionBefore(versions, to, `${team}/${name}`)
      : chooseVersion(versions, input.from, `${team}/${name}`);

  const { totals, changes } = await diffTrees(await entriesOf(ctx, from), await entriesOf(ctx, to));
  const start = after === undefined ? 0 : changes.findIndex((each) => pathOf(each) > after);
  const shown = start < 0 ? [] : changes.slice(start, start + limit);
  const last = shown.at(-1);
  const next = last && last !== changes.at(-1) ? pathOf(last) : null;
  return { from: from.number, to: to.number, totals, items: shown.map(showChange), next };
}

function showChange(change: FileChange): DatasetChange {
  return {
    path: pathOf(change),
    change: change.change,
    old_path: change.change === "renamed" ? (change.before?.path ?? null) : null,
    before: sideOf(change.before),
    after: sideOf(change.after),
  };
}

const sideOf = (entry: TreeEntry | null) =>
  entry && { size_bytes: entry.size, executable: entry.mode === 0o755 };

function versionBefore(versions: readonly VersionRow[], to: VersionRow, shown: string): VersionRow {
  const before = versions.find(({ number }) => number < to.number);
  if (!before)
    throw new DomainError("not_found", `Dataset "${shown}" has no version before ${to.number}: name two.`);
  return before;
}

/** In the order of their paths, as a manifest has them. */
async function entriesOf(ctx: Context, version: VersionRow): Promise<TreeEntry[]> {
  const entries: TreeEntry[] = [];
  for await (const manifest of manifestPages(ctx.db, version.treeId)) {
    for (const entry of parseManifest(manifest)) entries.push(entry);
    await othersTurn();
  }
  return entries;
}
