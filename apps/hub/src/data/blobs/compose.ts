import { createHash } from "node:crypto";
import { CHUNK_BYTES, type ComposeFile, DomainError, nameOfChunks } from "@podium/shared";
import type { Context } from "../../platform/context.ts";
import { holdOwnedBlobs, insertChunks, recordBlobs, type Unfit } from "./store.ts";

/**
 * Names a large file from chunks that the team has sent. The chunks are held until the file names them, so that
 * none is collected in between; naming it again changes nothing.
 * @throws DomainError `hash_mismatch`, `invalid_request` for a chunk that was not sent or a size that doesn't fit
 */
export async function composeFile(ctx: Context, input: ComposeFile & { teamId: string }): Promise<void> {
  const { teamId, sha256, size, chunks } = input;
  const name = nameOfChunks(chunks, createHash);
  if (name !== sha256)
    throw new DomainError(
      "hash_mismatch",
      `These chunks make the file ${name}, not ${sha256}. It changed while it was sent: send it again.`,
      { sha256 },
    );
  const sum = (chunks.length - 1) * CHUNK_BYTES;
  if (size <= sum || size > sum + CHUNK_BYTES)
    throw new DomainError(
      "invalid_request",
      `A file of ${size} bytes has ${Math.ceil(size / CHUNK_BYTES)} chunks of ${CHUNK_BYTES}, not ${chunks.length}.`,
    );
  const sizes = chunks.map((chunk, index) => ({
    sha256: chunk,
    size: Math.min(CHUNK_BYTES, size - index * CHUNK_BYTES),
  }));
  await ctx.db.transaction(async (tx) => {
    requireChunks(await holdOwnedBlobs(tx, teamId, sizes), sizes);
    await recordBlobs(tx, { blobs: [{ sha256, size }], teamId, now: ctx.clock.now() });
    await insertChunks(tx, sha256, chunks);
  });
}

function requireChunks(unfit: readonly Unfit[], chunks: readonly { sha256: string; size: number }[]): void {
  if (unfit.length === 0) return;
  const errors = unfit.map(({ index, size }) => {
    const chunk = chunks[index];
    const message =
      size === null
        ? `chunk ${index} has not been sent: PUT /blobs/${chunk?.sha256} first`
        : `chunk ${index} has ${size} bytes, not ${chunk?.size}`;
    return { path: `chunks.${index}`, message };
  });
  throw new DomainError("invalid_request", errors[0]?.message ?? "A chunk is missing.", { errors });
}
