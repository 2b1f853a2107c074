import type { BoardName, TreeEntry } from "@podium/shared";
import { localFile, treeEntries } from "../../data/index.ts";
import type { Context } from "../../platform/context.ts";

/** Where a tree of losses may keep those of the primary metric: by the rows of one board, or by all of them. */
const NAMES: Record<BoardName, readonly string[]> = {
  public: ["score.public.f64", "score.f64"],
  private: ["score.private.f64", "score.f64"],
};

/**
 * The losses of a submission's rows by the primary metric, in the order of the labels' ids, smaller is better.
 * @returns null when the tree has none
 */
export async function readLosses(
  ctx: Context,
  treeId: string,
  board: BoardName,
): Promise<Float64Array | null> {
  let found: TreeEntry | undefined;
  for await (const entry of treeEntries(ctx.db, treeId)) {
    const at = NAMES[board].indexOf(entry.path);
    if (at >= 0 && (!found || at < NAMES[board].indexOf(found.path))) found = entry;
  }
  const path = found ? await localFile(ctx, found.sha256) : null;
  if (!path) return null;
  const bytes = await Bun.file(path).arrayBuffer();
  if (bytes.byteLength % Float64Array.BYTES_PER_ELEMENT !== 0)
    throw new Error(
      `The losses of tree ${treeId} are ${bytes.byteLength} bytes: no whole number of float64.`,
    );
  return new Float64Array(bytes);
}
