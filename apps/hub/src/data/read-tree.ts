import { DomainError } from "@podium/shared";
import { type Context, visibleTeams } from "../platform/context.ts";
import { findTree, mayReadTree, type TreeRow } from "./store.ts";

/** A tree that the actor may read. @throws DomainError `not_found` for both unknown and forbidden trees */
export async function readTree(ctx: Context, id: string): Promise<TreeRow> {
  const tree = await findTree(ctx.db, id);
  if (!tree || !(await mayReadTree(ctx.db, id, visibleTeams(ctx)))) {
    throw new DomainError("not_found", `There is no tree ${id} that you may read.`);
  }
  return tree;
}
