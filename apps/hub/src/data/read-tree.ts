import { DomainError } from "@podium/shared";
import { type Context, visibleTeams } from "../platform/context.ts";
import { type OpenFile, openFile, packOf } from "./blobs/open.ts";
import { mayReadTree } from "./store.ts";
import { blobsOfTrees, findTree, type TreeRow, treesHoldBlob } from "./trees/store.ts";

/** A tree that the actor may read. @throws DomainError `not_found` for both unknown and forbidden trees */
export async function readTree(ctx: Context, id: string): Promise<TreeRow> {
  const tree = await findTree(ctx.db, id);
  if (!tree || !(await mayReadTree(ctx.db, id, visibleTeams(ctx)))) {
    throw new DomainError("not_found", `There is no tree ${id} that you may read.`);
  }
  return tree;
}

/** One file of a tree that the actor may read. @throws DomainError `not_found` */
export async function readTreeBlob(ctx: Context, treeId: string, sha256: string): Promise<OpenFile> {
  const allowed =
    (await mayReadTree(ctx.db, treeId, visibleTeams(ctx))) && (await treesHoldBlob(ctx.db, [treeId], sha256));
  const file = allowed ? await openFile(ctx, sha256) : null;
  if (!file) throw new DomainError("not_found", "There is no such file that you may read.");
  return file;
}

/**
 * Small files of a tree that the actor may read, as one pack in the order asked.
 * @throws DomainError `not_found`, `invalid_request` for a file that is too large for a pack
 */
export async function readTreePack(
  ctx: Context,
  treeId: string,
  names: readonly string[],
): Promise<AsyncGenerator<Uint8Array>> {
  const { id } = await readTree(ctx, treeId);
  const sizes = await blobsOfTrees(ctx.db, [id], names);
  const unknown = names.find((name) => !sizes.has(name));
  if (unknown) throw new DomainError("not_found", `There is no file ${unknown} in this tree.`);
  return packOf(ctx, names, sizes);
}
