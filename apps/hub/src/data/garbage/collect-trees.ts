import type { Context } from "../../platform/context.ts";
import { expired } from "../blobs/kept.ts";
import { deleteTrees, lockUnnamedTrees, type NamedTrees, unnamedTrees } from "./store.ts";

const STEP = 500;

/**
 * Removes the trees that nothing names and that nobody has pushed for as long as unnamed things are kept; their files
 * are left to `collectBlobs`. Each step is a transaction of its own: a crash leaves whole trees.
 * @param named what names trees, of every domain that does
 * @returns how many trees
 */
export async function collectTrees(ctx: Context, named: readonly NamedTrees[]): Promise<number> {
  const before = expired(ctx.clock.now());
  let removed = 0;
  for (;;) {
    const ids = await unnamedTrees(ctx.db, named, before, STEP);
    const gone = await ctx.db.transaction(async (tx) => {
      const unused = ids.length > 0 ? await lockUnnamedTrees(tx, ids, named, before) : [];
      if (unused.length > 0) await deleteTrees(tx, unused);
      return unused.length;
    });
    removed += gone;
    if (ids.length < STEP || gone === 0) return removed;
  }
}
