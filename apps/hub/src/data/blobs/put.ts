import { DomainError, MAX_PACKED } from "@podium/shared";
import type { Context } from "../../platform/context.ts";
import { UNNAMED_KEPT_MS } from "./kept.ts";
import { type Body, receiveBlob, receivePack } from "./receive.ts";
import { recordBlobs, touchBlobs } from "./store.ts";

/**
 * Stores one blob of a team: a small file, or a chunk of a large one. The row is touched before its bytes are written
 * and written after they are durable, so a crash leaves at most bytes that nothing names (see `collect.ts`).
 * @throws DomainError `hash_mismatch`, `payload_too_large`, `unavailable` (disk full, S3 out of reach)
 */
export async function putBlob(
  ctx: Context,
  input: { teamId: string; sha256: string; body: Body },
): Promise<void> {
  const { teamId, sha256 } = input;
  const begun = ctx.clock.now();
  // While the bytes arrive.
  const touched = touchBlobs(ctx.db, [sha256], begun, "doomed");
  const received = receiveBlob(input.body, sha256, async (bytes) => {
    await touched;
    await ctx.blobs.put(sha256, bytes);
    const blobs = [{ sha256, size: bytes.byteLength }];
    await recordSent(ctx, { blobs, teamId, begun });
  });
  // Neither is left behind when the other fails.
  await Promise.allSettled([touched, received]);
  await received;
}

/**
 * Stores the blobs of a pack, all or none that a row would name.
 * @returns how many there were, and their bytes
 * @throws DomainError `invalid_request` (no pack), `hash_mismatch`, `payload_too_large`, `unavailable`
 */
export async function putPack(
  ctx: Context,
  input: { teamId: string; body: AsyncIterable<Uint8Array> },
): Promise<{ stored: number; size_bytes: number }> {
  const sizes = new Map<string, number>();
  const batch = ctx.blobs.openBatch();
  const begun = ctx.clock.now();
  let stored = 0;
  try {
    for await (const group of receivePack(input.body)) {
      stored += group.length;
      if (stored > MAX_PACKED)
        throw new DomainError("invalid_request", `A pack may hold at most ${MAX_PACKED} blobs.`);
      const fresh = group.filter((blob) => !sizes.has(blob.sha256));
      for (const { sha256, bytes } of fresh) sizes.set(sha256, bytes.byteLength);
      await touchBlobs(ctx.db, [...new Set(fresh.map((blob) => blob.sha256))], begun, "doomed");
      await batch.add(fresh);
    }
    await batch.commit();
    const blobs = [...sizes].map(([sha256, size]) => ({ sha256, size }));
    await recordSent(ctx, { blobs, teamId: input.teamId, begun });
    return { stored, size_bytes: blobs.reduce((sum, blob) => sum + blob.size, 0) };
  } finally {
    await batch.close();
  }
}

/**
 * Writes the rows, unless so much time has passed that what was touched in the beginning may be gone again. Looked at
 * once the rows are locked: until the commit nobody can remove their bytes any more, however long it takes.
 */
async function recordSent(
  ctx: Context,
  sent: { blobs: readonly { sha256: string; size: number }[]; teamId: string; begun: Date },
): Promise<void> {
  await ctx.db.transaction(async (tx) => {
    await recordBlobs(tx, { blobs: sent.blobs, teamId: sent.teamId, now: ctx.clock.now() });
    if (ctx.clock.now().getTime() - sent.begun.getTime() >= UNNAMED_KEPT_MS / 4)
      throw new DomainError("unavailable", "Sending this took too long. Send it again.");
  });
}
