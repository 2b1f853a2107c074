import { and, eq, inArray, ne, or, type SQL, sql } from "drizzle-orm";
import type { Db, Tx } from "../platform/database.ts";
import { datasets, treeOwners, trees } from "./schema.ts";

/** For whom datasets are looked up. */
export interface Reader {
  /** null: all teams, for administrators and the system */
  teams: readonly string[] | null;
  /** null: whoever it is speaks for the teams as a whole */
  userId: string | null;
}

/** Public datasets, those of the reader's teams (private ones only if made by the reader), and those granted to them. */
export function readable({ teams: teamIds, userId }: Reader): SQL | undefined {
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
