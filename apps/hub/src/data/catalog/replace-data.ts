import { DomainError } from "@podium/shared";
import type { Context } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { addVersion } from "./add-version.ts";
import {
  countGrants,
  deleteDataset,
  deleteGrants,
  deleteVersion,
  listVersions,
  lockForRemoval,
} from "./store.ts";

/**
 * Gives a dataset that no team was granted yet other data: its old versions go, so that whoever is granted it later
 * never sees them. @throws DomainError `conflict` once it was granted
 */
export async function replaceData(
  ctx: Context,
  tx: Tx,
  input: { datasetId: string; treeId: string },
): Promise<void> {
  await lockUngranted(tx, input.datasetId);
  const old = await listVersions(tx, input.datasetId);
  await addVersion(ctx, tx, input);
  for (const { id } of old) await deleteVersion(tx, id);
}

/** Removes a dataset that no team was granted yet. @throws DomainError `conflict` once it was */
export async function discardDataset(tx: Tx, datasetId: string): Promise<void> {
  await lockUngranted(tx, datasetId);
  await deleteDataset(tx, datasetId);
}

/** Removes a dataset and takes it from the teams that were granted it: of what was tried only. */
export async function discardGranted(tx: Tx, datasetId: string): Promise<void> {
  await lockForRemoval(tx, datasetId);
  await deleteGrants(tx, datasetId);
  await deleteDataset(tx, datasetId);
}

async function lockUngranted(tx: Tx, datasetId: string): Promise<void> {
  await lockForRemoval(tx, datasetId);
  if ((await countGrants(tx, datasetId)) > 0)
    throw new DomainError("conflict", "Teams were given this data already: it can't be replaced or removed.");
}
