import { type Dataset, type DatasetVersion, DomainError, type Id } from "@podium/shared";
import { type Context, visibleTeams } from "../../platform/context.ts";
import type { Db, Tx } from "../../platform/database.ts";
import type { Reader } from "../store.ts";
import { type Described, findDataset, type VersionRow } from "./store.ts";

/** For whom the actor looks datasets up. */
export const readerOf = (ctx: Context): Reader => ({
  teams: visibleTeams(ctx),
  userId: ctx.actor.kind === "user" ? ctx.actor.userId : null,
});

/** A dataset that the actor may read. @throws DomainError `not_found` for unknown and forbidden ones alike */
export async function readableDataset(
  ctx: Context,
  db: Db | Tx,
  team: string,
  name: string,
): Promise<Described> {
  const dataset = await findDataset(db, team, name, readerOf(ctx));
  if (!dataset) throw noDataset(team, name);
  return dataset;
}

export const noDataset = (team: string, name: string) =>
  new DomainError("not_found", `There is no dataset ${team}/${name} that you may read.`);

/** A dataset as the API shows it. */
export function showDataset(row: Described): Dataset {
  return {
    id: row.id as Id<"dataset">,
    team: row.team,
    name: row.name,
    description: row.description,
    visibility: row.visibility,
    tags: row.tags,
    author: row.author,
    latest_version: row.number ?? 0,
    size_bytes: row.size ?? 0,
    files: row.files ?? 0,
    created_at: row.createdAt.toISOString(),
    modified_at: (row.pushedAt ?? row.createdAt).toISOString(),
    last_access_at: row.lastAccessAt?.toISOString() ?? null,
  };
}

/** A version as the API shows it. */
export function showVersion(row: VersionRow): DatasetVersion {
  return {
    id: row.id as Id<"datasetVersion">,
    number: row.number,
    tree_id: row.treeId,
    size_bytes: row.size,
    files: row.files,
    author: row.author,
    note: row.note,
    created_at: row.createdAt.toISOString(),
  };
}
