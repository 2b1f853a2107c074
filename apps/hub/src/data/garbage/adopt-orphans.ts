import type { Context } from "../../platform/context.ts";
import { insertDoomed, unknownBlobs } from "./store.ts";

/**
 * Finds bytes that no row names, left by a hub that died between the two. They may as well be on their way in right
 * now, so they are not removed: each gets a row that is doomed from this moment, and goes the way of all doomed blobs
 * unless its sender makes a proper row of it.
 * @returns how many were found
 */
export async function adoptOrphans(ctx: Context): Promise<number> {
  let found = 0;
  for (let folder = 0; folder < 256; folder++) {
    for await (const names of ctx.blobs.list(folder.toString(16).padStart(2, "0"))) {
      const orphans = await unknownBlobs(ctx.db, names);
      const sized = await Promise.all(
        orphans.map(async (sha256) => ({ sha256, size: (await ctx.blobs.sizeOf(sha256)) ?? 0 })),
      );
      await insertDoomed(ctx.db, sized, ctx.clock.now());
      found += orphans.length;
    }
  }
  return found;
}
