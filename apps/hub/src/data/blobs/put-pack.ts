import { DomainError, MAX_PACKED } from "@podium/shared";
import type { Context } from "../../platform/context.ts";
import { randomName } from "../../platform/secrets.ts";
import { squeeze } from "./pack-contents.ts";
import { type PackPiece, receivePack } from "./receive-pack.ts";
import { type NewPack, recordSent } from "./record-sent.ts";
import { useBlobs } from "./store.ts";

/**
 * Stores the blobs of a pack, all or none that a row would name: those that are not there yet as few packs, one object
 * each; of the others it is noted that this team has sent them too. A crash leaves packs that no row names, and so no
 * blob can ever name (see `garbage/collect-packs.ts`).
 * @returns how many there were, and their bytes
 * @throws DomainError `invalid_request` (no pack), `hash_mismatch`, `payload_too_large`, `unavailable`
 */
export async function putPack(
  ctx: Context,
  input: { teamId: string; body: AsyncIterable<Uint8Array> },
): Promise<{ stored: number; size_bytes: number }> {
  const begun = ctx.clock.now();
  const sizes = new Map<string, number>();
  const packs: NewPack[] = [];
  const present: string[] = [];
  let stored = 0;
  try {
    for await (const piece of receivePack(input.body)) {
      stored += piece.blobs.length;
      if (stored > MAX_PACKED)
        throw new DomainError("invalid_request", `A pack may hold at most ${MAX_PACKED} blobs.`);
      const fresh = piece.blobs.filter(({ sha256, size }) => !sizes.has(sha256) && sizes.set(sha256, size));
      const there = await useBlobs(
        ctx.db,
        fresh.map((blob) => blob.sha256),
        begun,
      );
      present.push(...there);
      await storePiece(ctx, { ...piece, blobs: fresh.filter((blob) => !there.has(blob.sha256)) }, packs);
    }
  } catch (error) {
    await discard(ctx, packs);
    throw error;
  }
  await recordSent(ctx, { packs, present, teamId: input.teamId, begun });
  return { stored, size_bytes: [...sizes.values()].reduce((sum, size) => sum + size, 0) };
}

async function storePiece(ctx: Context, piece: PackPiece, packs: NewPack[]): Promise<void> {
  if (piece.blobs.length === 0) return;
  const { blobs, end } = squeeze(piece.bytes, piece.blobs);
  const id = randomName();
  await ctx.blobs.packs.put(id, piece.bytes.subarray(0, end));
  packs.push({ id, size: end, blobs });
}

/** No row was written, so nobody can know these. What can't be removed now is found as an orphan. */
async function discard(ctx: Context, packs: readonly NewPack[]): Promise<void> {
  await Promise.allSettled(packs.map(({ id }) => ctx.blobs.packs.remove(id)));
}
