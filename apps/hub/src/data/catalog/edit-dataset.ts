import type { editDatasetSchema } from "@podium/shared";
import type { z } from "zod";
import type { Context } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { requireMayChange, requireMayHide } from "./may-change.ts";
import { noDataset, readableDataset } from "./show.ts";
import { lockDataset, updateDataset } from "./store.ts";

interface Edit {
  team: string;
  name: string;
  changes: z.infer<typeof editDatasetSchema>;
}

/**
 * Changes a dataset's description, tags or visibility; its versions stay as they are. Hiding it from others takes
 * nothing from what was made with it: sessions hold the tree that they mount, and grants of competitions stay. New
 * sessions of those who don't see it any longer are refused.
 * @throws DomainError `not_found` for who may not read it, `forbidden` for who may not change it
 */
export async function editDataset(ctx: Context, tx: Tx, { team, name, changes }: Edit): Promise<void> {
  const { id } = await readableDataset(ctx, tx, team, name);
  const dataset = await lockDataset(tx, id);
  if (!dataset) throw noDataset(team, name);
  requireMayChange(ctx, dataset, `${team}/${name}`);
  const { description, tags, visibility } = changes;
  if (visibility === "private" && dataset.visibility !== "private")
    requireMayHide(ctx, dataset, `${team}/${name}`);
  await updateDataset(tx, id, {
    ...(description === undefined ? {} : { description }),
    ...(tags === undefined ? {} : { tags }),
    ...(visibility === undefined ? {} : { visibility }),
  });
}
