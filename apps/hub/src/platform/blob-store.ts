/**
 * Objects under names of hexadecimal digits, a few megabytes each at most. Which of them exist is told by rows, and who
 * may read which is the data domain's business: the store does what it is told.
 */
export interface ObjectStore {
  /**
   * Stores bytes under this name; they are durable when this resolves. Replaces what is there.
   * @throws DomainError `unavailable` (disk full, S3 out of reach); nothing half is kept then
   */
  put(name: string, bytes: Uint8Array): Promise<void>;
  /**
   * The bytes from `start` up to, not including, `end`, or up to the object's own end; null when it is not there.
   * @throws DomainError `unavailable`
   */
  read(name: string, start?: number, end?: number): Promise<Uint8Array | null>;
  /** Where the bytes lie on this machine's disk; null when the store is elsewhere, or does not hold them. */
  localPath(name: string): Promise<string | null>;
  /** Takes the bytes away; no fault when they are not there. @throws DomainError `unavailable` */
  remove(name: string): Promise<void>;
  /** Names of what is there that begin with these two digits, in no order, a page at a time. */
  list(firstDigits: string): AsyncIterable<string[]>;
  /** Bytes, or null when it is not there. */
  sizeOf(name: string): Promise<number | null>;
}

/**
 * Blobs that are objects of their own, named by their SHA-256, at most `CHUNK_BYTES` each (larger files are stored in
 * chunks); and the packs, in which small blobs lie, named by `randomName`.
 */
export interface BlobStore extends ObjectStore {
  packs: ObjectStore;
  /**
   * False where a removal that was given up may still take effect, and so take what was stored under the name since:
   * then each blob needs a name that is never used again, which a pack has.
   */
  removesAtOnce: boolean;
  /** Removes what a hub that died while it received left behind. @returns how many files */
  removeUnfinished(before: Date): Promise<number>;
}

/** What a store holds, and of how many hexadecimal digits the names are. */
const NAME_DIGITS = { blobs: 64, packs: 32 } as const;
export type Shelf = keyof typeof NAME_DIGITS;

/** True for what can be a name of that kind: anything else in the store was put there by somebody else. */
export const isName = (shelf: Shelf, name: string): boolean =>
  name.length === NAME_DIGITS[shelf] && /^[0-9a-f]+$/.test(name);
