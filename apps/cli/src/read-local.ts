import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from "node:fs";
import { CHUNK_BYTES, type DigestFactory, nameOfChunks } from "@podium/shared";
import { CliError } from "./errors.ts";
import { formatBytes } from "./quantities.ts";
import type { LocalFile } from "./scan.ts";

/** The hash functions that names of blobs are made with. */
export const createDigest: DigestFactory = (algorithm) => new Bun.CryptoHasher(algorithm);

export interface NamedFile {
  sha256: string;
  size: number;
  /** Of a file that travels in chunks; else null. */
  chunks: string[] | null;
}

/** Takes the bytes of a file: gives room for the next piece, and hears what it is called. */
export interface Taker {
  room(size: number): Promise<Buffer>;
  keep(sha256: string, size: number): void;
}

/**
 * Names a file, and hands its bytes on while they are in memory: what is sent are the very bytes that were named.
 * Throws a `CliError` when it can't be read, or changes meanwhile.
 */
export async function readLocal(file: LocalFile, taker: Taker): Promise<NamedFile> {
  // A pipe that was swapped in for the file must not hang us.
  const descriptor = attempt(file, () => openSync(file.source, constants.O_RDONLY | constants.O_NONBLOCK));
  try {
    const before = attempt(file, () => fstatSync(descriptor));
    if (!before.isFile()) throw changed(file, "it is no file any more");
    const chunks: string[] = [];
    for (let at = 0; at === 0 || at < before.size; at += CHUNK_BYTES) {
      const size = Math.min(CHUNK_BYTES, before.size - at);
      const room = await taker.room(size);
      const read = attempt(file, () => readFully(descriptor, room, at));
      if (read < size) throw changed(file, `it had ${formatBytes(before.size)} and became shorter`);
      const sha256 = Bun.CryptoHasher.hash("sha256", room, "hex");
      chunks.push(sha256);
      taker.keep(sha256, size);
    }
    assertUnchanged(file, before, fstatSync(descriptor));
    const [only] = chunks;
    if (only !== undefined && chunks.length === 1) return { sha256: only, size: before.size, chunks: null };
    return { sha256: nameOfChunks(chunks, createDigest), size: before.size, chunks };
  } finally {
    closeSync(descriptor);
  }
}

function readFully(descriptor: number, room: Buffer, from: number): number {
  for (let at = 0; at < room.byteLength; ) {
    const read = readSync(descriptor, room, at, room.byteLength - at, from + at);
    if (read === 0) return at;
    at += read;
  }
  return room.byteLength;
}

function assertUnchanged(file: LocalFile, before: Stats, after: Stats) {
  if (before.size !== after.size) {
    throw changed(file, `it had ${before.size} bytes and then ${after.size}`);
  }
  if (before.mtimeMs !== after.mtimeMs) {
    throw changed(file, `it was written to at ${after.mtime.toISOString()}`);
  }
}

function changed(file: LocalFile, how: string): CliError {
  return new CliError(`${file.path} changed while it was being pushed: ${how}. Push again when it is done.`);
}

function attempt<T>(file: LocalFile, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new CliError(`${file.source} can't be read: ${(error as Error).message}`);
  }
}
