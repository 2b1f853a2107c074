import { passedThrough } from "../../../platform/buffers.ts";
import type { Context } from "../../../platform/context.ts";
import { sha256 as hashOf, randomName } from "../../../platform/secrets.ts";
import { type BlobInPack, contentsOf, MAX_STORED_PACK, squeeze } from "../../blobs/pack-contents.ts";
import { livingIn, type Move, moveBlobs, type PackRow, sparsePacks } from "./store.ts";

/**
 * Writes what still lives of packs that are mostly dead into new ones. Nothing is locked while bytes are read and
 * written: the blobs get their new places in one transaction, each that by then still lives where it was read.
 * Before it a crash leaves a new pack that nothing names, after it an old one; two hubs that rewrite the same pack make
 * one of each. Whoever reads meanwhile finds the old pack, or looks the place up again (`readBlob`).
 * @returns bytes written
 */
export async function rewritePacks(
  ctx: Context,
  before: Date,
  goesOn: () => boolean = () => true,
): Promise<number> {
  let written = 0;
  for (const group of grouped(await sparsePacks(ctx.db, before))) {
    if (!goesOn()) break;
    written += await rewriteGroup(ctx, group);
  }
  return written;
}

/** As many packs together as fit into one by what lives of them. */
function grouped(packs: readonly (PackRow & { alive: number })[]): PackRow[][] {
  const groups: PackRow[][] = [];
  let room = 0;
  for (const pack of packs) {
    if (pack.alive > room) {
      groups.push([]);
      room = MAX_STORED_PACK;
    }
    groups.at(-1)?.push(pack);
    room -= pack.alive;
  }
  return groups;
}

async function rewriteGroup(ctx: Context, group: readonly PackRow[]): Promise<number> {
  const target = new Uint8Array(MAX_STORED_PACK);
  const moves: Move[] = [];
  let end = 0;
  for (const { id } of group) {
    const part = await livingPart(ctx, id);
    if (!part) continue;
    target.set(part.bytes, end);
    const base = end;
    moves.push({ from: id, blobs: part.blobs.map((blob) => ({ ...blob, offset: base + blob.offset })) });
    end += part.bytes.byteLength;
  }
  if (moves.length === 0) return 0;
  const pack = { id: randomName(), size: end };
  await ctx.blobs.packs.put(pack.id, target.subarray(0, end));
  await ctx.db.transaction((tx) => moveBlobs(tx, pack, moves, ctx.clock.now()));
  return end;
}

/** What lives of a pack, as a pack. Null, and logged, when the store has lost or damaged it: then it stays as it is. */
async function livingPart(
  ctx: Context,
  id: string,
): Promise<{ bytes: Uint8Array; blobs: BlobInPack[] } | null> {
  const bytes = await ctx.blobs.packs.read(id);
  if (!bytes) return refuse(ctx, id);
  passedThrough(bytes.byteLength);
  const living = await livingIn(ctx.db, id, contentsOf(bytes).blobs);
  for (const { sha256, size, offset } of living)
    if (hashOf(bytes.subarray(offset, offset + size)) !== sha256) return refuse(ctx, id, sha256);
  const { blobs, end } = squeeze(bytes, living);
  return { bytes: bytes.subarray(0, end), blobs };
}

function refuse(ctx: Context, pack: string, blob?: string): null {
  ctx.log.error({ pack, blob }, "a pack is lost or damaged in the store");
  return null;
}
