import { DomainError } from "@podium/shared";
import type { Context } from "../platform/context.ts";
import type { Tx } from "../platform/database.ts";
import { findDataset, findDatasetsByName, listVersions, type Reader } from "./store.ts";

/**
 * Finds the dataset version that `name`, `team/name` or `team/name@version` means for a team.
 * A bare name is the team's own dataset, else the only readable one of that name.
 * @throws DomainError `not_found`, `conflict` when a bare name is ambiguous
 */
export async function resolveMount(
  ctx: Context,
  tx: Tx,
  reference: string,
  team: { id: string; slug: string },
) {
  const match = /^(?:([a-z0-9-]+)\/)?([a-z0-9-]+)(?:@(\d+))?$/.exec(reference);
  if (!match)
    throw new DomainError(
      "invalid_request",
      `"${reference}" is not a dataset: write name, team/name or team/name@version.`,
    );
  const [, owner, name = "", version] = match;
  const reader = { teams: [team.id], userId: ctx.actor.kind === "user" ? ctx.actor.userId : null };
  const dataset =
    (await findDataset(tx, owner ?? team.slug, name, reader)) ??
    (owner ? null : await onlyOneCalled(tx, name, reader));
  if (!dataset)
    throw new DomainError(
      "not_found",
      `There is no dataset "${reference}" that team "${team.slug}" may read.`,
    );

  const versions = await listVersions(tx, dataset.id);
  const chosen =
    version === undefined ? versions[0] : versions.find((each) => each.number === Number(version));
  if (!chosen)
    throw new DomainError(
      "not_found",
      `Dataset "${reference}" has no ${version === undefined ? "version yet" : `version ${version}`}.`,
    );
  return { name: dataset.name, tree_id: chosen.tree_id, size_bytes: chosen.size_bytes };
}

async function onlyOneCalled(tx: Tx, name: string, reader: Reader) {
  const found = await findDatasetsByName(tx, name, reader);
  if (found.length <= 1) return found[0] ?? null;
  const names = found.map((dataset) => `${dataset.team}/${dataset.name}`).join(", ");
  throw new DomainError("conflict", `Several datasets are called "${name}": ${names}. Write one of these.`);
}
