/**
 * Bytes named by their SHA-256, at most `CHUNK_BYTES` each; larger files are stored in chunks. Which of them exist is
 * told by rows, and who may read which is the data domain's business: the store does what it is told.
 */
export interface BlobStore {
  /**
   * Stores bytes that have this SHA-256; they are durable when this resolves. Replaces what is there.
   * @throws DomainError `unavailable` (disk full, S3 out of reach); nothing half is kept then
   */
  put(sha256: string, bytes: Uint8Array): Promise<void>;
  /** Takes many small blobs at the price of few. */
  openBatch(): BlobBatch;
  /**
   * The bytes from `start` up to, not including, `end`, or up to the blob's own end; null when it is not there.
   * @throws DomainError `unavailable`
   */
  read(sha256: string, start?: number, end?: number): Promise<Uint8Array | null>;
  /** Where the bytes lie on this machine's disk; null when the store is elsewhere, or does not hold them. */
  localPath(sha256: string): Promise<string | null>;
  /** Takes the bytes away; no fault when they are not there. @throws DomainError `unavailable` */
  remove(sha256: string): Promise<void>;
  /** Names of what is there that begin with these two digits, in no order, a page at a time. */
  list(firstDigits: string): AsyncIterable<string[]>;
  /** Bytes, or null when it is not there. */
  sizeOf(sha256: string): Promise<number | null>;
  /** Removes what a hub that died while it received left behind. @returns how many files */
  removeUnfinished(before: Date): Promise<number>;
}

/** Blobs on their way into the store: those that were added are there, all durable, once `commit` has resolved. */
export interface BlobBatch {
  add(blobs: readonly { sha256: string; bytes: Uint8Array }[]): Promise<void>;
  commit(): Promise<void>;
  /** To be called in the end, whatever happened. */
  close(): Promise<void>;
}
