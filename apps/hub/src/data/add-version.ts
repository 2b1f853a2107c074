import { DomainError, type Id } from "@podium/shared";
import type { Context } from "../platform/context.ts";
import type { Tx } from "../platform/database.ts";
import { holdTree, insertVersion, listVersions, lockDataset } from "./store.ts";
import { findTree } from "./trees/store.ts";

/** Adds an immutable version to a dataset; its tree must be the team's. @throws DomainError `not_found` */
export async function addVersion(ctx: Context, tx: Tx, input: { datasetId: string; treeId: string }) {
  const dataset = await lockDataset(tx, input.datasetId);
  if (!dataset) throw new DomainError("not_found", "There is no such dataset.");
  const tree = (await holdTree(tx, input.treeId, [dataset.teamId])) ? await findTree(tx, input.treeId) : null;
  if (!tree) {
    throw new DomainError("not_found", `Your team has no tree ${input.treeId}. Push its files first.`);
  }
  const [latest] = await listVersions(tx, dataset.id);
  const id = ctx.ids.next("datasetVersion");
  const number = (latest?.number ?? 0) + 1;
  const createdAt = ctx.clock.now();
  await insertVersion(tx, { id, datasetId: dataset.id, number, treeId: tree.id, createdAt });
  return {
    id: id as Id<"datasetVersion">,
    number,
    tree_id: tree.id,
    size_bytes: tree.size,
    created_at: createdAt.toISOString(),
  };
}
