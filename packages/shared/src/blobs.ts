import { z } from "zod";
import { CHUNK_BYTES } from "./blob-name.ts";
import { sha256Schema } from "./data.ts";
import { MAX_PACKED } from "./pack.ts";
import { slugSchema } from "./slug.ts";

/** Largest single file, bytes: 256 GiB. Its list of chunks still fits one small request. */
export const MAX_FILE_BYTES = 256 * 1024 ** 3;
const MAX_CHUNKS = MAX_FILE_BYTES / CHUNK_BYTES;

/** Names a file of more than one chunk, once its chunks have been sent. */
export const composeFileSchema = z.strictObject({
  sha256: sha256Schema.describe("SHA-512/256 over the chunks' digests"),
  size: z
    .number()
    .int()
    .min(CHUNK_BYTES + 1, `must be over ${CHUNK_BYTES}: a smaller file is sent as one blob`)
    .max(MAX_FILE_BYTES, `must be at most ${MAX_FILE_BYTES}, the largest file`)
    .describe("bytes"),
  chunks: z
    .array(sha256Schema)
    .min(2)
    .max(MAX_CHUNKS)
    .describe("SHA-256 of each 8 MiB of the file, in order"),
});
export type ComposeFile = z.infer<typeof composeFileSchema>;

export const composeTeamFileSchema = composeFileSchema.extend({ team: slugSchema.optional() });

/** Which small blobs to answer as one pack, in this order. */
export const fetchPackSchema = z.strictObject({ sha256: z.array(sha256Schema).min(1).max(MAX_PACKED) });

/** What a pack came to. */
export const storedPackSchema = z
  .object({ stored: z.number().int().describe("blobs"), size_bytes: z.number().int() })
  .meta({ id: "StoredPack" });
