import type { TreeEntry } from "@podium/shared";
import { localFile, treeEntries } from "../data/index.ts";
import type { Context } from "../platform/context.ts";
import type { Db, Tx } from "../platform/database.ts";

/** What may hold a table, by its name; see tables/table-file.ts for what is read. */
const TABLE = /\.(csv|jsonl|ndjson|parquet|npy)(\.gz)?$/i;

/** A tree's data file: what `infer` writes by its name, else the first that looks like a table, else the first. */
export async function dataEntry(db: Db | Tx, treeId: string): Promise<TreeEntry> {
  let chosen: TreeEntry | undefined;
  let rank = 0;
  for await (const entry of treeEntries(db, treeId)) {
    const its = rankOf(entry.path);
    if (its > rank) [chosen, rank] = [entry, its];
  }
  if (!chosen) throw new Error(`Tree ${treeId} has no file.`);
  return chosen;
}

/** Path on this machine's disk of a tree's data file. */
export async function dataFile(ctx: Context, { sha256, path: name }: TreeEntry): Promise<string> {
  const path = await localFile(ctx, sha256);
  if (!path) throw new Error(`"${name}" (${sha256}) is gone from the blob store.`);
  return path;
}

/** By a model over a table, or through the organizer's data_loader.py: whatever else a model leaves beside it. */
const PREDICTIONS = ["predictions.txt", "predictions.jsonl"];
const rankOf = (path: string) =>
  PREDICTIONS.includes(path) ? 3 + PREDICTIONS.indexOf(path) : TABLE.test(path) ? 2 : 1;
