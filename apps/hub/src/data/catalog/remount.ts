import { DomainError } from "@podium/shared";
import type { Context } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { chooseVersion } from "./choose-version.ts";
import { findDatasetById, holdDataset, listVersions } from "./store.ts";

interface Mount {
  name: string;
  tree_id: string;
  size_bytes: number;
  dataset_id?: string;
  version?: number;
}

/**
 * The same version of the same dataset for another session, held as by `resolveMount`.
 * @throws DomainError `not_found` when it was removed, or the team may not read it (any more)
 */
export async function remount(
  ctx: Context,
  tx: Tx,
  mount: Mount,
  team: { id: string; slug: string },
): Promise<Mount> {
  const reader = { teams: [team.id], userId: ctx.actor.kind === "user" ? ctx.actor.userId : null };
  const dataset = mount.dataset_id ? await findDatasetById(tx, mount.dataset_id, reader) : null;
  if (!dataset || !(await holdDataset(tx, dataset.id)))
    throw new DomainError(
      "not_found",
      `The dataset "${mount.name}" is gone, or team "${team.slug}" may not read it.`,
    );
  chooseVersion(await listVersions(tx, dataset.id), mount.version, mount.name);
  return mount;
}
