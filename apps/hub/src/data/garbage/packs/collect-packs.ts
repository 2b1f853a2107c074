import type { Context } from "../../../platform/context.ts";
import { expired } from "../../blobs/kept.ts";
import { rewritePacks } from "./rewrite-packs.ts";
import { deadPacks, deletePack, lockPack, type PackRow } from "./store.ts";

export interface FreedPacks {
  /** how many were removed, and their bytes */
  packs: number;
  bytes: number;
  /** bytes of what was written anew of packs that will be removed a day later */
  rewrittenBytes: number;
}

/**
 * Removes the packs in which no blob lives any more, and rewrites those in which few do, so that dead bytes are less
 * than half of each pack that is older than a day.
 * - A pack is dead for ever: blobs are placed in it once, by the transaction that names it. So its bytes can go without
 *   anybody being asked; a crash before its row went leaves a row without bytes, which the next turn removes.
 * - A pack that was found without a row (`adoptOrphans`) may still be named by a sender that has stood still: one that
 *   began within a quarter of a day, while the row is a day old. Whoever names it touches the row, seen under its lock.
 * - A pack that was rewritten stays a day: so whoever reads in it goes on reading, and a copy of the store that was made
 *   within a day after a copy of the database has all that the latter names.
 * @param goesOn asked between packs; false ends the turn early, with nothing half done
 */
export async function collectPacks(ctx: Context, goesOn = () => true): Promise<FreedPacks> {
  const before = expired(ctx.clock.now());
  const freed = { packs: 0, bytes: 0, rewrittenBytes: await rewritePacks(ctx, before, goesOn) };
  for (const pack of await deadPacks(ctx.db, before)) {
    if (!goesOn()) break;
    try {
      if (!(await removePack(ctx, pack, before))) continue;
    } catch (error) {
      // The store is out of reach, or refuses: the next turn tries again.
      ctx.log.error({ err: error, pack: pack.id }, "a pack that nothing names could not be removed");
      break;
    }
    freed.packs += 1;
    freed.bytes += pack.size;
  }
  return freed;
}

/** False when another hub does it, or has done it. */
async function removePack(ctx: Context, { id }: PackRow, before: Date): Promise<boolean> {
  return ctx.db.transaction(async (tx) => {
    if (!(await lockPack(tx, id, before))) return false;
    await ctx.blobs.packs.remove(id);
    await deletePack(tx, id);
    return true;
  });
}
