import { and, desc, eq, gt, inArray, ne, or, type SQL, sql } from "drizzle-orm";
import type { Db, Tx } from "../platform/database.ts";
import { teams } from "../teams/schema.ts";
import { datasetGrants, datasets, datasetVersions, treeOwners, trees } from "./schema.ts";

export type DatasetRow = typeof datasets.$inferSelect;

/** For whom datasets are looked up. */
export interface Reader {
  /** null: all teams, for administrators and the system */
  teams: readonly string[] | null;
  /** null: whoever it is speaks for the teams as a whole */
  userId: string | null;
}

/** Public datasets, those of the reader's teams (private ones only if made by the reader), and those granted to them. */
function readable({ teams: teamIds, userId }: Reader): SQL | undefined {
  if (teamIds === null) return undefined;
  const granted = sql`exists (select 1 from dataset_grants g where g.dataset_id = datasets.id and g.team_id = any(${sql.param([...teamIds])}::text[]))`;
  const shown = or(ne(datasets.visibility, "private"), userId ? eq(datasets.createdBy, userId) : sql`true`);
  const own = teamIds.length > 0 ? and(inArray(datasets.teamId, [...teamIds]), shown) : undefined;
  return or(eq(datasets.visibility, "public"), own, granted);
}

/** True when a team owns the tree or may read a dataset with a version that is this tree. */
export async function mayReadTree(
  db: Db | Tx,
  treeId: string,
  teamIds: readonly string[] | null,
): Promise<boolean> {
  if (teamIds === null) return true;
  const owned =
    teamIds.length > 0
      ? await db
          .select({ id: treeOwners.treeId })
          .from(treeOwners)
          .where(and(eq(treeOwners.treeId, treeId), inArray(treeOwners.teamId, [...teamIds])))
          .limit(1)
      : [];
  if (owned.length > 0) return true;
  const isVersion = sql`exists (select 1 from dataset_versions v where v.dataset_id = datasets.id and v.tree_id = ${treeId})`;
  const rows = await db
    .select({ id: datasets.id })
    .from(datasets)
    .where(and(isVersion, readable({ teams: teamIds, userId: null })))
    .limit(1);
  return rows.length > 0;
}

/**
 * As `mayReadTree`, for what is about to name the tree: it is not collected before the transaction has ended.
 */
export async function holdTree(tx: Tx, treeId: string, teamIds: readonly string[] | null): Promise<boolean> {
  const held = await tx.select({ id: trees.id }).from(trees).where(eq(trees.id, treeId)).for("key share");
  return held.length > 0 && mayReadTree(tx, treeId, teamIds);
}

export async function insertDataset(tx: Tx, row: typeof datasets.$inferInsert): Promise<boolean> {
  return (await tx.insert(datasets).values(row).onConflictDoNothing().returning()).length === 1;
}

/** Locks the dataset's row, so that two pushes number their versions one after the other. */
export async function lockDataset(tx: Tx, id: string): Promise<DatasetRow | null> {
  const [row] = await tx.select().from(datasets).where(eq(datasets.id, id)).for("no key update");
  return row ?? null;
}

export async function insertVersion(tx: Tx, row: typeof datasetVersions.$inferInsert): Promise<void> {
  await tx.insert(datasetVersions).values(row);
}

const described = {
  id: datasets.id,
  teamId: datasets.teamId,
  team: teams.slug,
  name: datasets.name,
  description: datasets.description,
  visibility: datasets.visibility,
  created_at: datasets.createdAt,
  latest_version: sql<number>`coalesce((select max(v.number) from dataset_versions v where v.dataset_id = datasets.id), 0)::int`,
  size_bytes: sql<string>`coalesce((select t.size from dataset_versions v join trees t on t.id = v.tree_id where v.dataset_id = datasets.id order by v.number desc limit 1), 0)`,
};

/** A dataset by team and name, if the reader may read it. */
export async function findDataset(db: Db | Tx, team: string, name: string, reader: Reader) {
  const [row] = await db
    .select(described)
    .from(datasets)
    .innerJoin(teams, eq(teams.id, datasets.teamId))
    .where(and(eq(teams.slug, team), eq(datasets.name, name), readable(reader)));
  return row ?? null;
}

/** Datasets of this name that may be read; more than one means the caller must say whose. */
export function findDatasetsByName(db: Db | Tx, name: string, reader: Reader) {
  return db
    .select(described)
    .from(datasets)
    .innerJoin(teams, eq(teams.id, datasets.teamId))
    .where(and(eq(datasets.name, name), readable(reader)))
    .orderBy(teams.slug)
    .limit(10);
}

export function listDatasets(db: Db | Tx, reader: Reader, limit: number, after: string | undefined) {
  return db
    .select(described)
    .from(datasets)
    .innerJoin(teams, eq(teams.id, datasets.teamId))
    .where(and(readable(reader), after ? gt(datasets.id, after) : undefined))
    .orderBy(datasets.id)
    .limit(limit);
}

export function listVersions(db: Db | Tx, datasetId: string) {
  return db
    .select({
      id: datasetVersions.id,
      number: datasetVersions.number,
      tree_id: datasetVersions.treeId,
      size_bytes: trees.size,
      created_at: datasetVersions.createdAt,
    })
    .from(datasetVersions)
    .innerJoin(trees, eq(trees.id, datasetVersions.treeId))
    .where(eq(datasetVersions.datasetId, datasetId))
    .orderBy(desc(datasetVersions.number));
}

export async function grantDataset(
  tx: Tx,
  datasetId: string,
  teamIds: readonly string[],
  now: Date,
): Promise<void> {
  if (teamIds.length === 0) return;
  await tx
    .insert(datasetGrants)
    .values(teamIds.map((teamId) => ({ datasetId, teamId, createdAt: now })))
    .onConflictDoNothing();
}
