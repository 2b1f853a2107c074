import type { Context } from "../../platform/context.ts";
import { expired } from "../blobs/kept.ts";
import { deleteBlobs, doomedBlobs, lockUnnamedBlobs, markDoomed, unnamedBlobs } from "./store.ts";

/** Looked through, or listed, at once. */
const PAGE = 5000;
/** Few, because who sends one of them meanwhile waits. */
const REMOVED_AT_ONCE = 32;

export interface Freed {
  blobs: number;
  bytes: number;
}

/**
 * Removes the blobs that no tree, and no file of chunks, names, and that nobody has sent or asked for as long as
 * unnamed things are kept. It can't remove one that is on its way:
 * - Who sends a blob touches its row before the bytes are written. Here bytes are removed only under that row's lock,
 *   and only where it was not touched since: the sender comes first and is seen, or waits and finds no row.
 *   Without a row there is nothing to remove: a row is as old as its last touch.
 * - Who names a blob in a tree or file locks its row first (`holdOwnedBlobs`). Locked rows are passed over here, and
 *   what was named before is seen, because the second look comes after the lock.
 * A blob is doomed, which counts as not there, in a transaction of its own before its bytes go. So a crash leaves a
 * doomed blob, with bytes or without: the next turn removes it, or its next sender makes it whole. So does a blob that
 * the store refuses to remove; when it refuses all of a step, it is thought to be out of reach.
 * Of a blob in a pack only the row goes; its bytes are left to `collectPacks`.
 * @param goesOn asked between steps; false ends the turn early, with nothing half done
 */
export async function collectBlobs(ctx: Context, goesOn = () => true): Promise<Freed> {
  const before = expired(ctx.clock.now());
  const freed = { blobs: 0, bytes: 0 };
  for (;;) {
    await doomUnnamed(ctx, before, goesOn);
    const removed = await removeDoomed(ctx, before, goesOn);
    freed.blobs += removed.blobs;
    freed.bytes += removed.bytes;
    // Chunks of a file that went are unnamed only now, so it goes round until nothing is left.
    if (removed.blobs === 0 || !goesOn()) return freed;
  }
}

async function doomUnnamed(ctx: Context, before: Date, goesOn: () => boolean): Promise<void> {
  for (let after: string | null = ""; after !== null && goesOn(); ) {
    const page: { last: string | null; names: string[] } = await unnamedBlobs(ctx.db, {
      after,
      limit: PAGE,
      before,
    });
    if (page.names.length > 0)
      await ctx.db.transaction(async (tx) => {
        const unused = (await lockUnnamedBlobs(tx, page.names, before)).map((blob) => blob.sha256);
        await markDoomed(tx, unused, ctx.clock.now());
      });
    after = page.last;
  }
}

async function removeDoomed(ctx: Context, before: Date, goesOn: () => boolean): Promise<Freed> {
  const freed = { blobs: 0, bytes: 0 };
  for (;;) {
    const sofar = freed.blobs;
    const found = await doomedBlobs(ctx.db, before, PAGE);
    for (let at = 0; at < found.length; at += REMOVED_AT_ONCE) {
      if (!goesOn()) return freed;
      const step = await removeStep(ctx, found.slice(at, at + REMOVED_AT_ONCE), before);
      freed.blobs += step.blobs;
      freed.bytes += step.bytes;
      if (step.fault) ctx.log.error({ err: step.fault }, "bytes that nothing names could not be removed");
      if (step.fault && step.blobs === 0) return freed;
    }
    if (freed.blobs === sofar) return freed;
  }
}

async function removeStep(ctx: Context, names: readonly string[], before: Date) {
  return ctx.db.transaction(async (tx): Promise<Freed & { fault?: unknown }> => {
    const unused = await lockUnnamedBlobs(tx, names, before);
    // All have ended before the locks are given back: one that is still on its way would take a sender's new bytes.
    const results = await Promise.allSettled(
      unused.map(async (blob) => (blob.alone ? ctx.blobs.remove(blob.sha256) : undefined)),
    );
    const gone = unused.filter((_, index) => results[index]?.status === "fulfilled");
    await deleteBlobs(
      tx,
      gone.map((blob) => blob.sha256),
    );
    const bytes = gone.reduce((sum, blob) => sum + (blob.alone ? blob.size : 0), 0);
    const fault = results.find((result) => result.status === "rejected")?.reason;
    return { blobs: gone.length, bytes, ...(fault ? { fault } : {}) };
  });
}
