import type { Context } from "../../platform/context.ts";
import type { Tx } from "../../platform/database.ts";
import { findBlobs, type StoredBlob } from "./store.ts";

/** Where files are read from. Who is in a transaction gives that: a second connection beside it may not be free. */
export interface FileSource extends Pick<Context, "blobs"> {
  db: Context["db"] | Tx;
}

/**
 * Bytes of a blob from `start` up to, not including, `end`. A pack may be rewritten, and go, between the moment its
 * blobs' places were looked up and now: then the blob lies elsewhere, and is looked up again. A pack's id is never used
 * twice, so what is read is right or not there.
 */
export async function readBlob(
  source: FileSource,
  blob: StoredBlob,
  start: number,
  end: number,
): Promise<Uint8Array> {
  for (let place = blob; ; ) {
    const bytes = await readAt(source, place, start, end);
    if (bytes?.byteLength === end - start) return bytes;
    const [now] = await findBlobs(source.db, [blob.sha256]);
    if (!now || now.pack?.id === place.pack?.id) throw lost(place, start, end, bytes);
    place = now;
  }
}

function readAt({ blobs }: FileSource, { sha256, pack }: StoredBlob, start: number, end: number) {
  if (start === end) return new Uint8Array(0);
  if (pack === null) return blobs.read(sha256, start, end);
  return blobs.packs.read(pack.id, pack.offset + start, pack.offset + end);
}

/** A row says that it is there: bytes that are gone, or cut, are a fault of the store. */
function lost({ sha256, pack }: StoredBlob, start: number, end: number, bytes: Uint8Array | null): Error {
  const where = pack ? ` in pack ${pack.id} at ${pack.offset}` : "";
  const there = bytes?.byteLength ?? "none";
  return new Error(`Blob ${sha256}${where} should have bytes ${start} to ${end}; the store has ${there}.`);
}
