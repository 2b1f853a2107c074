import { DomainError } from "@podium/shared";
import { type Context, visibleTeams } from "../platform/context.ts";
import { findTree, mayReadTree, type TreeRow, treesHoldBlob } from "./store.ts";

/** A tree that the actor may read. @throws DomainError `not_found` for both unknown and forbidden trees */
export async function readTree(ctx: Context, id: string): Promise<TreeRow> {
  const tree = await findTree(ctx.db, id);
  if (!tree || !(await mayReadTree(ctx.db, id, visibleTeams(ctx)))) {
    throw new DomainError("not_found", `There is no tree ${id} that you may read.`);
  }
  return tree;
}

/** One file of a tree that the actor may read. @throws DomainError `not_found` */
export async function readTreeBlob(ctx: Context, treeId: string, sha256: string): Promise<Blob> {
  const allowed =
    (await mayReadTree(ctx.db, treeId, visibleTeams(ctx))) && (await treesHoldBlob(ctx.db, [treeId], sha256));
  const blob = allowed ? await ctx.blobs.get(sha256) : null;
  if (!blob) throw new DomainError("not_found", "There is no such file that you may read.");
  return blob;
}
