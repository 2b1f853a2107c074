import type { Id } from "@podium/shared";
import type { Context } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { createDataset } from "./create-dataset.ts";
import { requireMayChange } from "./may-change.ts";
import { readerOf } from "./show.ts";
import { findDataset } from "./store.ts";

/**
 * The team's dataset of this name, to which the actor may add a version; made, for the team alone, where there is none.
 * @throws DomainError `forbidden`; `conflict` when a member has a private one of this name
 */
export async function outputDataset(
  ctx: Context,
  tx: Tx,
  team: { id: string; slug: string },
  name: string,
): Promise<Id<"dataset">> {
  const found = await findDataset(tx, team.slug, name, readerOf(ctx));
  if (!found) return createDataset(ctx, tx, { teamId: team.id, name, description: "", visibility: "team" });
  requireMayChange(ctx, found, `${team.slug}/${name}`);
  return found.id as Id<"dataset">;
}
