import { type FileHandle, open } from "node:fs/promises";
import {
  CHUNK_BYTES,
  DomainError,
  MAX_PACKED,
  PACK_BYTES,
  PACKED_BYTES,
  packHeader,
  type TreeEntry,
} from "@podium/shared";
import type { Blob } from "../data/blob.ts";
import type { BlobCache } from "../data/blob-cache.ts";
import { blobsOf } from "../data/downloads.ts";
import { nameOfFile } from "../data/name-file.ts";
import { type HubClient, HubUnavailable, type OnBehalf } from "./client.ts";

const ASKED_AT_ONCE = 10_000;

interface Sending {
  hub: HubClient;
  on: OnBehalf;
  blobs: BlobCache;
}

/**
 * Sends the hub what it lacks of the files: small ones in packs, large ones chunk by chunk. Whatever breaks it off,
 * the next call asks again what is missing and sends only that. Throws `HubUnavailable` when the signal aborts.
 */
export async function sendBlobs(sending: Sending, entries: readonly TreeEntry[], signal: AbortSignal) {
  const blobs = new Map(blobsOf(entries).map((blob) => [blob.sha256, blob]));
  const missing = (await askMissing(sending, [...blobs.keys()])).flatMap((sha256) => blobs.get(sha256) ?? []);
  await sendPacked(
    sending,
    missing.filter(({ size }) => size <= PACKED_BYTES),
    signal,
  );
  for (const blob of missing) {
    if (blob.size > CHUNK_BYTES) await sendChunked(sending, blob, signal);
    else if (blob.size > PACKED_BYTES) await sendWhole(sending, blob, signal);
  }
}

async function askMissing({ hub, on }: Sending, names: readonly string[]): Promise<string[]> {
  const missing: string[] = [];
  for (let start = 0; start < names.length; start += ASKED_AT_ONCE) {
    missing.push(...(await hub.missingBlobs(on, names.slice(start, start + ASKED_AT_ONCE))));
  }
  return missing;
}

async function sendPacked({ hub, on, blobs }: Sending, small: readonly Blob[], signal: AbortSignal) {
  let parts: Uint8Array[] = [];
  let bytes = 0;
  const flush = async () => {
    if (parts.length === 0) return;
    checkGoing(signal);
    await hub.postPack(on, Buffer.concat(parts), signal);
    [parts, bytes] = [[], 0];
  };
  for (const blob of small) {
    if (parts.length === 2 * MAX_PACKED || bytes + blob.size > PACK_BYTES) await flush();
    parts.push(packHeader(blob.sha256, blob.size), await Bun.file(blobs.path(blob.sha256)).bytes());
    bytes += blob.size;
  }
  await flush();
}

async function sendWhole({ hub, on, blobs }: Sending, blob: Blob, signal: AbortSignal) {
  checkGoing(signal);
  await hub.putBlob(on, blob.sha256, await Bun.file(blobs.path(blob.sha256)).bytes(), signal);
}

async function sendChunked(sending: Sending, blob: Blob, signal: AbortSignal) {
  const { chunks } = await nameOfFile(sending.blobs.path(blob.sha256));
  if (!chunks) throw new Error(`${blob.sha256} has ${blob.size} bytes but no chunks.`);
  const compose = () => sending.hub.compose(sending.on, { sha256: blob.sha256, size: blob.size, chunks });
  await sendChunks(sending, blob, chunks, signal);
  await compose().catch(async (error) => {
    if (!(error instanceof DomainError) || error.code !== "invalid_request") throw error;
    // It took so long that the hub has lost the first ones again: what nothing names is kept for a day.
    await sendChunks(sending, blob, chunks, signal);
    await compose();
  });
}

async function sendChunks(sending: Sending, blob: Blob, chunks: readonly string[], signal: AbortSignal) {
  const { hub, on, blobs } = sending;
  const missing = new Set(await askMissing(sending, [...new Set(chunks)]));
  const file = await open(blobs.path(blob.sha256), "r");
  try {
    for (const [index, sha256] of chunks.entries()) {
      if (!missing.delete(sha256)) continue;
      checkGoing(signal);
      await hub.putBlob(on, sha256, await readChunk(file, index, blob.size), signal);
    }
  } finally {
    await file.close();
  }
}

async function readChunk(file: FileHandle, index: number, size: number): Promise<Uint8Array> {
  const from = index * CHUNK_BYTES;
  const bytes = new Uint8Array(Math.min(CHUNK_BYTES, size - from));
  for (let at = 0; at < bytes.byteLength; ) {
    const { bytesRead } = await file.read(bytes, at, bytes.byteLength - at, from + at);
    if (bytesRead === 0) throw new Error(`A cached file of ${size} bytes has become shorter.`);
    at += bytesRead;
  }
  return bytes;
}

function checkGoing(signal: AbortSignal) {
  if (signal.aborted) throw new HubUnavailable("The runner stops.");
}
