import { closeSync, fstatSync, readSync, type Stats } from "node:fs";
import { CHUNK_BYTES, type DigestFactory, nameOfChunks, PACKED_BYTES } from "@podium/shared";
import type { FilePart } from "./file-part.ts";
import { attempt, changed, openLocal } from "./open-local.ts";
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

/** Takes files, which are told to it while they are read. */
export interface Taker {
  /** Room for the bytes of a small file, which is read into it and then kept. */
  room(size: number): Promise<Buffer>;
  keep(sha256: string, size: number): void;
  /** Resolves when one more part can be taken. */
  turn(): Promise<void>;
  keepPart(sha256: string, part: FilePart): void;
}

/** So much is read at a time to be named: it stays in the processor's own cache. */
const PIECE_BYTES = 256 * 1024;
let piece: Buffer | null = null;

/**
 * Names a file, and hands it on: a small one's bytes while they are in memory, of others which part has what name.
 * Throws a `CliError` when it can't be read, or changes meanwhile.
 */
export async function readLocal(file: LocalFile, taker: Taker): Promise<NamedFile> {
  const { descriptor, stats: before } = openLocal(file);
  try {
    const chunks: string[] = [];
    for (let at = 0; at === 0 || at < before.size; at += CHUNK_BYTES) {
      const part = { file, at, size: Math.min(CHUNK_BYTES, before.size - at) };
      chunks.push(await (before.size > PACKED_BYTES ? takePart : takeSmall)(descriptor, part, taker));
    }
    assertUnchanged(file, before, fstatSync(descriptor));
    const [only] = chunks;
    if (only !== undefined && chunks.length === 1) return { sha256: only, size: before.size, chunks: null };
    return { sha256: nameOfChunks(chunks, createDigest), size: before.size, chunks };
  } finally {
    closeSync(descriptor);
  }
}

async function takeSmall(descriptor: number, { file, at, size }: FilePart, taker: Taker): Promise<string> {
  const room = await taker.room(size);
  readFully(file, descriptor, room, at);
  const sha256 = Bun.CryptoHasher.hash("sha256", room, "hex");
  taker.keep(sha256, size);
  return sha256;
}

async function takePart(descriptor: number, part: FilePart, taker: Taker): Promise<string> {
  await taker.turn();
  piece ??= Buffer.allocUnsafeSlow(PIECE_BYTES);
  const digest = createDigest("sha256");
  for (let done = 0; done < part.size; done += PIECE_BYTES) {
    const room = piece.subarray(0, part.size - done);
    readFully(part.file, descriptor, room, part.at + done);
    digest.update(room);
  }
  const sha256 = digest.digest("hex");
  taker.keepPart(sha256, part);
  return sha256;
}

function readFully(file: LocalFile, descriptor: number, room: Buffer, from: number): void {
  for (let at = 0; at < room.byteLength; ) {
    const read = attempt(file, () => readSync(descriptor, room, at, room.byteLength - at, from + at));
    if (read === 0) throw changed(file, `it had ${formatBytes(file.size)} and became shorter`);
    at += read;
  }
}

function assertUnchanged(file: LocalFile, before: Stats, after: Stats) {
  if (before.size !== after.size) {
    throw changed(file, `it had ${before.size} bytes and then ${after.size}`);
  }
  if (before.mtimeMs !== after.mtimeMs) {
    throw changed(file, `it was written to at ${after.mtime.toISOString()}`);
  }
}
