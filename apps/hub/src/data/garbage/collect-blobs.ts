import type { Context } from "../../platform/context.ts";
import { expired } from "../blobs/kept.ts";
import { deleteBlobs, doomedBlobs, lockUnnamedBlobs, markDoomed, unnamedBlobs } from "./store.ts";

const DOOMED_AT_ONCE = 1000;
/** Few, because who sends one of them meanwhile waits. */
const REMOVED_AT_ONCE = 100;
/** Blobs removed from the store at a time. */
const PARALLEL = 8;

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
 * doomed blob, with bytes or without: the next turn removes it, or its next sender makes it whole.
 */
export async function collectBlobs(ctx: Context): Promise<Freed> {
  const before = expired(ctx.clock.now());
  const freed = { blobs: 0, bytes: 0 };
  for (;;) {
    const doomed = await doomSome(ctx, before);
    const removed = await removeDoomed(ctx, before, freed);
    // Chunks of a file that went are unnamed only now, so it goes round until nothing is left.
    if (doomed === 0 && removed === 0) return freed;
  }
}

async function doomSome(ctx: Context, before: Date): Promise<number> {
  const found = await unnamedBlobs(ctx.db, before, DOOMED_AT_ONCE);
  if (found.length === 0) return 0;
  return ctx.db.transaction(async (tx) => {
    const unused = (await lockUnnamedBlobs(tx, found, before)).map((blob) => blob.sha256);
    await markDoomed(tx, unused, ctx.clock.now());
    return unused.length;
  });
}

async function removeDoomed(ctx: Context, before: Date, freed: Freed): Promise<number> {
  const found = await doomedBlobs(ctx.db, before, REMOVED_AT_ONCE);
  if (found.length === 0) return 0;
  return ctx.db.transaction(async (tx) => {
    const unused = await lockUnnamedBlobs(tx, found, before);
    const stored = unused.filter((blob) => !blob.chunked);
    for (let at = 0; at < stored.length; at += PARALLEL)
      await Promise.all(stored.slice(at, at + PARALLEL).map((blob) => ctx.blobs.remove(blob.sha256)));
    await deleteBlobs(
      tx,
      unused.map((blob) => blob.sha256),
    );
    freed.blobs += unused.length;
    freed.bytes += stored.reduce((sum, blob) => sum + blob.size, 0);
    return unused.length;
  });
}
