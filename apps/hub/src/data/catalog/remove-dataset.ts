import { DomainError } from "@podium/shared";
import type { Context } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { chooseVersion } from "./choose-version.ts";
import { requireMayChange } from "./may-change.ts";
import { noDataset, readableDataset } from "./show.ts";
import {
  countGrants,
  type DatasetRow,
  deleteDataset,
  deleteVersion,
  listVersions,
  lockForRemoval,
} from "./store.ts";

/** What is to be removed: one version, or all of a dataset (null). */
export interface Removal {
  datasetId: string;
  version: number | null;
}

/** Says, each in words for people, what later domains still need a dataset for; asked while it is locked. */
export type FindUses = (ctx: Context, tx: Tx, removal: Removal) => Promise<string[]>;

interface Named {
  team: string;
  name: string;
}

/**
 * Removes a dataset with all its versions, for good. Sessions that used it keep their record of it.
 * @throws DomainError `not_found`, `forbidden`, `conflict` with the reasons while something needs it
 */
export async function removeDataset(
  ctx: Context,
  tx: Tx,
  { team, name }: Named,
  uses: readonly FindUses[],
): Promise<void> {
  const { id } = await lockRemovable(ctx, tx, { team, name });
  await refuseInUse(ctx, tx, { datasetId: id, version: null }, `${team}/${name}`, uses);
  await deleteDataset(tx, id);
}

/** Removes one version for good; no other ever gets its number. @throws DomainError as `removeDataset` */
export async function removeVersion(
  ctx: Context,
  tx: Tx,
  { team, name, number }: Named & { number: number },
  uses: readonly FindUses[],
): Promise<void> {
  const { id } = await lockRemovable(ctx, tx, { team, name });
  const version = chooseVersion(await listVersions(tx, id), number, `${team}/${name}`);
  await refuseInUse(ctx, tx, { datasetId: id, version: number }, `${team}/${name}@${number}`, uses);
  await deleteVersion(tx, version.id);
}

async function lockRemovable(ctx: Context, tx: Tx, { team, name }: Named): Promise<DatasetRow> {
  const { id } = await readableDataset(ctx, tx, team, name);
  const dataset = await lockForRemoval(tx, id);
  if (!dataset) throw noDataset(team, name);
  requireMayChange(ctx, dataset, `${team}/${name}`);
  return dataset;
}

async function refuseInUse(
  ctx: Context,
  tx: Tx,
  removal: Removal,
  shown: string,
  uses: readonly FindUses[],
): Promise<void> {
  const reasons: string[] = [];
  for (const find of uses) reasons.push(...(await find(ctx, tx, removal)));
  const grants = await countGrants(tx, removal.datasetId);
  if (grants > 0) reasons.push(`${grants} ${grants === 1 ? "team was" : "teams were"} given it to read`);
  if (reasons.length > 0)
    throw new DomainError("conflict", `${shown} can't be removed while it is used: ${reasons.join("; ")}.`, {
      reasons,
    });
}
