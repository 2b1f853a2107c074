import { DomainError } from "@podium/shared";
import type { Context } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import type { Reader } from "../store.ts";
import { chooseVersion } from "./choose-version.ts";
import { findDataset, findDatasetsByName, holdDataset, listVersions } from "./store.ts";

/**
 * Finds the dataset version that `name`, `team/name` or `team/name@version` means for a team, and holds it: until
 * the caller's transaction ends it can't be removed, so that removing it afterwards meets what was made with it.
 * A bare name is the team's own dataset, else the only readable one of that name.
 * @throws DomainError `not_found`, `conflict` when a bare name is ambiguous
 */
export async function resolveMount(
  ctx: Context,
  tx: Tx,
  reference: string,
  team: { id: string; slug: string },
) {
  return (await resolveVersion(ctx, tx, reference, team)).mount;
}

/** As `resolveMount`, with what the version is called in full: `team/name@version`. */
export async function resolveVersion(
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
  if (!dataset || !(await holdDataset(tx, dataset.id)))
    throw new DomainError(
      "not_found",
      `There is no dataset "${reference}" that team "${team.slug}" may read${await whoMay(ctx, tx, reference, team)}.`,
    );

  const number = version === undefined ? undefined : Number(version);
  const chosen = chooseVersion(await listVersions(tx, dataset.id), number, reference);
  const mount = {
    name: dataset.name,
    tree_id: chosen.treeId,
    size_bytes: chosen.size,
    dataset_id: dataset.id,
    version: chosen.number,
  };
  return { mount, fullName: `${dataset.team}/${dataset.name}@${chosen.number}` };
}

/** Where a team of theirs may read what another may not, its name is all that is missing: a contest's data is its entrant's. */
async function whoMay(ctx: Context, tx: Tx, reference: string, team: { id: string }): Promise<string> {
  if (ctx.actor.kind !== "user") return "";
  const [, owner, name = ""] = /^(?:([^/]+)\/)?([^@]+)/.exec(reference) ?? [];
  const able: string[] = [];
  for (const other of ctx.actor.teams.filter(({ id }) => id !== team.id)) {
    const reader = { teams: [other.id], userId: ctx.actor.userId };
    const found = owner
      ? await findDataset(tx, owner, name, reader)
      : (await findDatasetsByName(tx, name, reader))[0];
    if (found) able.push(other.slug);
  }
  return able.length > 0 ? `; ${able.join(", ")} may: name it with --team ${able[0]}` : "";
}

async function onlyOneCalled(tx: Tx, name: string, reader: Reader) {
  const found = await findDatasetsByName(tx, name, reader);
  if (found.length <= 1) return found[0] ?? null;
  const names = found.map((dataset) => `${dataset.team}/${dataset.name}`).join(", ");
  throw new DomainError("conflict", `Several datasets are called "${name}": ${names}. Write one of these.`);
}
