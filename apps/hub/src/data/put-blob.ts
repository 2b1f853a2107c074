import type { Context } from "../platform/context.ts";
import { recordBlob } from "./store.ts";

/** Largest single file, bytes. */
const MAX_BLOB_BYTES = 16 * 1024 ** 3;

/**
 * Stores one file of a team. The bytes are on disk before the row that names them exists, so a crash between
 * the two leaves an unreferenced blob, never a broken reference.
 * @throws DomainError `hash_mismatch`, `payload_too_large`, `unavailable` (disk full)
 */
export async function putBlob(
  ctx: Context,
  input: { teamId: string; sha256: string; body: AsyncIterable<Uint8Array> | Uint8Array },
): Promise<void> {
  const size = await ctx.blobs.put(input.sha256, input.body, MAX_BLOB_BYTES);
  await recordBlob(ctx.db, { sha256: input.sha256, size, teamId: input.teamId, now: ctx.clock.now() });
}
