import type { StoredBlob } from "./store.ts";

/** Bytes between two blobs that are read and thrown away, rather than asked for twice. */
const MAX_GAP = 64 * 1024;

/** A part of one pack that holds some blobs. */
export interface Range {
  packId: string;
  start: number;
  end: number;
  blobs: StoredBlob[];
}

/** The parts of packs to read for these blobs, as few as worth while. Blobs that are objects of their own are left out. */
export function rangesOf(blobs: readonly StoredBlob[]): Range[] {
  const ranges: Range[] = [];
  for (const { blob, packId, offset } of inPacks(blobs)) {
    const last = ranges.at(-1);
    if (last?.packId === packId && offset - last.end <= MAX_GAP) {
      last.end = offset + blob.size;
      last.blobs.push(blob);
    } else ranges.push({ packId, start: offset, end: offset + blob.size, blobs: [blob] });
  }
  return ranges;
}

/** Pack by pack, in the order in which they lie. */
function inPacks(blobs: readonly StoredBlob[]) {
  return blobs
    .flatMap((blob) => (blob.pack ? [{ blob, packId: blob.pack.id, offset: blob.pack.offset }] : []))
    .sort((a, b) => (a.packId === b.packId ? a.offset - b.offset : a.packId < b.packId ? -1 : 1));
}
