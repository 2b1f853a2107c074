import type { Context } from "../../platform/context.ts";
import { randomName } from "../../platform/secrets.ts";
import { contentsOf } from "./pack-contents.ts";
import { type Body, receiveBlob } from "./receive.ts";
import { recordSent } from "./record-sent.ts";
import { useBlobs } from "./store.ts";

/**
 * Stores one blob of a team: a small file, or a chunk of a large one. The row is touched before its bytes are written
 * and written after they are durable, so a crash leaves at most bytes that nothing names (see
 * `garbage/adopt-orphans.ts`). Bytes that are there already are not written again.
 * @throws DomainError `hash_mismatch`, `payload_too_large`, `unavailable` (disk full, S3 out of reach)
 */
export async function putBlob(
  ctx: Context,
  input: { teamId: string; sha256: string; body: Body },
): Promise<void> {
  const { teamId, sha256 } = input;
  const begun = ctx.clock.now();
  // While the bytes arrive.
  const found = useBlobs(ctx.db, [sha256], begun);
  const asPack = !ctx.blobs.removesAtOnce;
  const received = receiveBlob(input.body, sha256, asPack, async (bytes) => {
    if ((await found).has(sha256)) return recordSent(ctx, { present: [sha256], teamId, begun });
    if (asPack) return putAlone(ctx, { teamId, begun }, bytes);
    await ctx.blobs.put(sha256, bytes);
    await recordSent(ctx, { alone: [{ sha256, size: bytes.byteLength }], teamId, begun });
  });
  // Neither is left behind when the other fails.
  await Promise.allSettled([found, received]);
  await received;
}

/** As a pack that holds nothing else. */
async function putAlone(
  ctx: Context,
  sent: { teamId: string; begun: Date },
  pack: Uint8Array,
): Promise<void> {
  const { blobs, end } = contentsOf(pack);
  const id = randomName();
  await ctx.blobs.packs.put(id, pack);
  await recordSent(ctx, { ...sent, packs: [{ id, size: end, blobs }] });
}
