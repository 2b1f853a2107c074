import { createHash } from "node:crypto";
import { CHUNK_BYTES, type ComposeFile, DomainError, nameOfChunks } from "@podium/shared";
import type { Context } from "../../platform/context.ts";
import { holdOwnedBlobs, insertChunks, recordBlobs } from "./store.ts";

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
  await ctx.db.transaction(async (tx) => {
    requireChunks(await holdOwnedBlobs(tx, teamId, [...new Set(chunks)]), chunks, size);
    await recordBlobs(tx, { blobs: [{ sha256, size }], teamId, now: ctx.clock.now() });
    await insertChunks(tx, sha256, chunks);
  });
}

function requireChunks(owned: Map<string, number>, chunks: readonly string[], size: number): void {
  const problems = chunks.flatMap((chunk, index) => {
    const bytes = owned.get(chunk);
    const path = `chunks.${index}`;
    if (bytes === undefined)
      return [{ path, message: `chunk ${index} has not been sent: PUT /blobs/${chunk} first` }];
    const isLast = index === chunks.length - 1;
    const fits = isLast ? bytes > 0 && bytes <= CHUNK_BYTES : bytes === CHUNK_BYTES;
    return fits ? [] : [{ path, message: `chunk ${index} has ${bytes} bytes, not ${CHUNK_BYTES}` }];
  });
  const sum = chunks.reduce((total, chunk) => total + (owned.get(chunk) ?? 0), 0);
  if (problems.length === 0 && sum !== size)
    problems.push({ path: "size", message: `these chunks have ${sum} bytes together` });
  if (problems.length === 0) return;
  throw new DomainError("invalid_request", problems[0]?.message ?? "A chunk is missing.", {
    errors: problems.slice(0, 20),
  });
}
