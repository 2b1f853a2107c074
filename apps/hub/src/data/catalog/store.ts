import type { DatasetSort } from "@podium/shared";
import {
  and,
  arrayContains,
  asc,
  desc,
  eq,
  ilike,
  inArray,
  isNull,
  lte,
  or,
  type SQL,
  sql,
} from "drizzle-orm";
import { users } from "../../accounts/schema.ts";
import type { Db, Tx } from "../../platform/database.ts";
import { teams } from "../../teams/schema.ts";
import { datasetGrants, datasets, datasetVersions, trees } from "../schema.ts";
import { type Reader, readable } from "../store.ts";

/** What Postgres says when a row would be there twice. */
const UNIQUE_VIOLATION = "23505";

export type DatasetRow = typeof datasets.$inferSelect;
export type Described = Awaited<ReturnType<typeof listDatasets>>[number];
export type VersionRow = Awaited<ReturnType<typeof listVersions>>[number];

export async function insertDataset(tx: Tx, row: typeof datasets.$inferInsert): Promise<boolean> {
  return (await tx.insert(datasets).values(row).onConflictDoNothing().returning()).length === 1;
}

/** Locks the dataset's row, so that pushes number their versions one after the other and edits don't mix. */
export async function lockDataset(tx: Tx, id: string): Promise<DatasetRow | null> {
  const [row] = await tx.select().from(datasets).where(eq(datasets.id, id)).for("no key update");
  return row ?? null;
}

/** Keeps the dataset from losing anything until this transaction ends; pushes, edits and others that hold it go on. */
export async function holdDataset(tx: Tx, id: string): Promise<boolean> {
  const held = await tx
    .select({ id: datasets.id })
    .from(datasets)
    .where(eq(datasets.id, id))
    .for("key share");
  return held.length > 0;
}

/** Locks the dataset against everybody, to take something away: waits for those who hold it. */
export async function lockForRemoval(tx: Tx, id: string): Promise<DatasetRow | null> {
  const [row] = await tx.select().from(datasets).where(eq(datasets.id, id)).for("update");
  return row ?? null;
}

export async function updateDataset(
  tx: Tx,
  id: string,
  set: Partial<Pick<DatasetRow, "description" | "visibility" | "tags" | "lastVersion">>,
): Promise<void> {
  await tx.update(datasets).set(set).where(eq(datasets.id, id));
}

/** False when its team has another one of that name, also one that is just being made. */
export async function setName(tx: Tx, id: string, name: string): Promise<boolean> {
  try {
    await tx.transaction((inner) => inner.update(datasets).set({ name }).where(eq(datasets.id, id)));
    return true;
  } catch (error) {
    const { code, cause } = error as { code?: unknown; cause?: { code?: unknown } };
    if ((cause?.code ?? code) === UNIQUE_VIOLATION) return false;
    throw error;
  }
}

export async function deleteDataset(tx: Tx, id: string): Promise<void> {
  await tx.delete(datasetVersions).where(eq(datasetVersions.datasetId, id));
  await tx.delete(datasets).where(eq(datasets.id, id));
}

export async function insertVersion(tx: Tx, row: typeof datasetVersions.$inferInsert): Promise<void> {
  await tx.insert(datasetVersions).values(row);
}

export async function deleteVersion(tx: Tx, id: string): Promise<void> {
  await tx.delete(datasetVersions).where(eq(datasetVersions.id, id));
}

/** Datasets as they are shown: with their team, author and newest version. */
function describe(db: Db | Tx) {
  const newest = db
    .select({
      number: datasetVersions.number,
      files: trees.files,
      size: sql<number>`${trees.size}`.mapWith(Number).as("size"),
      pushedAt: sql<Date>`${datasetVersions.createdAt}`.mapWith(datasetVersions.createdAt).as("pushed_at"),
    })
    .from(datasetVersions)
    .innerJoin(trees, eq(trees.id, datasetVersions.treeId))
    .where(eq(datasetVersions.datasetId, datasets.id))
    .orderBy(desc(datasetVersions.number))
    .limit(1)
    .as("newest");
  return db
    .select({
      id: datasets.id,
      teamId: datasets.teamId,
      team: teams.slug,
      name: datasets.name,
      description: datasets.description,
      visibility: datasets.visibility,
      tags: datasets.tags,
      author: users.name,
      createdBy: datasets.createdBy,
      createdAt: datasets.createdAt,
      lastAccessAt: datasets.lastAccessAt,
      number: newest.number,
      files: newest.files,
      size: newest.size,
      pushedAt: newest.pushedAt,
    })
    .from(datasets)
    .innerJoin(teams, eq(teams.id, datasets.teamId))
    .leftJoin(users, eq(users.id, datasets.createdBy))
    .leftJoinLateral(newest, sql`true`);
}

export async function findDatasetById(db: Db | Tx, id: string, reader: Reader) {
  const [row] = await describe(db).where(and(eq(datasets.id, id), readable(reader)));
  return row ?? null;
}

/** A dataset by team and name, if the reader may read it. */
export async function findDataset(
  db: Db | Tx,
  team: string,
  name: string,
  reader: Reader,
): Promise<Described | null> {
  const [row] = await describe(db).where(
    and(eq(teams.slug, team), eq(datasets.name, name), readable(reader)),
  );
  return row ?? null;
}

/** Datasets of this name that may be read; more than one means the caller must say whose. */
export function findDatasetsByName(db: Db | Tx, name: string, reader: Reader) {
  return describe(db)
    .where(and(eq(datasets.name, name), readable(reader)))
    .orderBy(teams.slug)
    .limit(10);
}

/** The last row of the page before: by what the list is sorted, and its id. */
export interface Position {
  value: string;
  id: string;
}
export interface Search {
  /** all must occur in the name, the description or the tags */
  words: readonly string[];
  tags: readonly string[];
  sort: DatasetSort;
  after: Position | null;
}

/**
 * What each order sorts by, in the type that a `Position`'s value is read as. No index serves searching and sorting by
 * size or access: of 10,000 datasets Postgres looks at all in some 0.1 s, and each push or pull would pay for it.
 */
const ORDERS: Record<DatasetSort, { key: SQL; type: SQL; descends: boolean }> = {
  name: { key: sql`${teams.slug} || '/' || ${datasets.name}`, type: sql`text`, descends: false },
  size: { key: sql`coalesce("newest"."size", 0)`, type: sql`bigint`, descends: true },
  last_access: {
    key: sql`coalesce(${datasets.lastAccessAt}, '-infinity')`,
    type: sql`timestamptz`,
    descends: true,
  },
  created: { key: sql`${datasets.id}`, type: sql`text`, descends: true },
};

const holding = (word: string) => `%${word.replaceAll(/[\\%_]/g, "\\$&")}%`;

export function listDatasets(db: Db | Tx, reader: Reader, search: Search, limit: number) {
  const { words, tags, after } = search;
  const { key, type, descends } = ORDERS[search.sort];
  const text = sql`concat_ws(' ', ${teams.slug} || '/' || ${datasets.name}, ${datasets.description}, array_to_string(${datasets.tags}, ' '))`;
  // A database of locale C knows the cases of ASCII alone; tags are lower-case whatever their script.
  const order = descends ? desc : asc;
  const beyond = descends ? sql`<` : sql`>`;
  return describe(db)
    .where(
      and(
        readable(reader),
        ...words.map((word) => or(ilike(text, holding(word)), ilike(text, holding(word.toLowerCase())))),
        tags.length > 0 ? arrayContains(datasets.tags, [...tags]) : undefined,
        after ? sql`(${key}, ${datasets.id}) ${beyond} (${after.value}::${type}, ${after.id})` : undefined,
      ),
    )
    .orderBy(order(key), order(datasets.id))
    .limit(limit);
}

export function listVersions(db: Db | Tx, datasetId: string) {
  return db
    .select({
      id: datasetVersions.id,
      number: datasetVersions.number,
      treeId: datasetVersions.treeId,
      size: trees.size,
      files: trees.files,
      author: users.name,
      note: datasetVersions.note,
      createdAt: datasetVersions.createdAt,
    })
    .from(datasetVersions)
    .innerJoin(trees, eq(trees.id, datasetVersions.treeId))
    .leftJoin(users, eq(users.id, datasetVersions.createdBy))
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

export async function deleteGrants(tx: Tx, datasetId: string): Promise<void> {
  await tx.delete(datasetGrants).where(eq(datasetGrants.datasetId, datasetId));
}

export async function countGrants(tx: Tx, datasetId: string): Promise<number> {
  return tx.$count(datasetGrants, eq(datasetGrants.datasetId, datasetId));
}

/**
 * Notes an access to the datasets, where the last one was noted at `before` or earlier. Rows that somebody is
 * changing are left out, so that this waits for nobody and can deadlock with nobody.
 */
export async function touchDatasets(
  db: Db | Tx,
  which: { ids: readonly string[] } | { treeId: string; reader: Reader },
  now: Date,
  before: Date,
): Promise<void> {
  const chosen =
    "ids" in which
      ? inArray(datasets.id, [...which.ids])
      : and(
          sql`exists (select 1 from dataset_versions v where v.dataset_id = datasets.id and v.tree_id = ${which.treeId})`,
          readable(which.reader),
        );
  const due = db
    .select({ id: datasets.id })
    .from(datasets)
    .where(and(chosen, or(isNull(datasets.lastAccessAt), lte(datasets.lastAccessAt, before))))
    .for("no key update", { skipLocked: true });
  await db.update(datasets).set({ lastAccessAt: now }).where(inArray(datasets.id, due));
}
