import type { Context } from "../../platform/context.ts";
import { expired } from "../blobs/kept.ts";
import { insertFoundPacks, unknownPacks } from "./packs/store.ts";
import { insertDoomed, lockStrays, unknownBlobs } from "./store.ts";

/**
 * Finds bytes that no row names, left by a hub that died between the two. They may as well be on their way in right
 * now, so they are not removed: each gets a row that is doomed from this moment, and goes the way of all doomed blobs
 * (a pack: of all packs without blobs) unless its sender makes a proper row of it.
 * @param goesOn asked between folders; false ends the turn early
 * @returns how many were found
 */
export async function adoptOrphans(ctx: Context, goesOn = () => true): Promise<number> {
  let found = 0;
  for (let folder = 0; folder < 256 && goesOn(); folder++) {
    const digits = folder.toString(16).padStart(2, "0");
    for await (const names of ctx.blobs.list(digits)) {
      const { orphans, strays } = await unknownBlobs(ctx.db, names);
      await insertDoomed(ctx.db, await sized(orphans, ctx.blobs.sizeOf, "sha256"), ctx.clock.now());
      found += orphans.length + (await removeStrays(ctx, strays));
    }
    for await (const ids of ctx.blobs.packs.list(digits)) {
      const orphans = await unknownPacks(ctx.db, ids);
      await insertFoundPacks(ctx.db, await sized(orphans, ctx.blobs.packs.sizeOf, "id"), ctx.clock.now());
      found += orphans.length;
    }
  }
  return found;
}

function sized<K extends string>(
  names: readonly string[],
  sizeOf: (name: string) => Promise<number | null>,
  key: K,
) {
  const rows = names.map(async (name) => ({ [key]: name, size: (await sizeOf(name)) ?? 0 }));
  return Promise.all(rows) as Promise<({ size: number } & Record<K, string>)[]>;
}

/**
 * Removes objects of blobs that lie in a pack too: two senders have brought the same blob at once. As with doomed blobs,
 * whoever is about to write the object has touched the row within a day, or comes too late to name it.
 */
async function removeStrays(ctx: Context, names: readonly string[]): Promise<number> {
  if (names.length === 0) return 0;
  return ctx.db.transaction(async (tx) => {
    const strays = await lockStrays(tx, names, expired(ctx.clock.now()));
    for (const name of strays) await ctx.blobs.remove(name);
    return strays.length;
  });
}
