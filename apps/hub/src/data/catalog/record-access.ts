import type { Context } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { readerOf } from "./show.ts";
import { touchDatasets } from "./store.ts";

/** Accesses of a dataset within this time are written once: reading must not cost a write each time. */
const EVERY_MS = 60_000;

/** Notes that a session has mounted these datasets. */
export async function recordMount(ctx: Context, tx: Tx, datasetIds: readonly string[]): Promise<void> {
  if (datasetIds.length > 0) await touchDatasets(tx, { ids: datasetIds }, ...window(ctx));
}

/** Notes that the actor has asked for a tree's files, for each dataset through which it may read them. */
export async function recordPull(ctx: Context, treeId: string): Promise<void> {
  await touchDatasets(ctx.db, { treeId, reader: readerOf(ctx) }, ...window(ctx));
}

function window(ctx: Context): [now: Date, before: Date] {
  const now = ctx.clock.now();
  return [now, new Date(now.getTime() - EVERY_MS)];
}
