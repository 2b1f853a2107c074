import { createHash } from "node:crypto";
import { CHUNK_BYTES, nameOfChunks, packHeader } from "@podium/shared";
import { composeFile, createTree, missingBlobs, putBlob, putPack } from "../data/index.ts";
import type { BlobStore, ObjectStore } from "../platform/blob-store.ts";
import { sha256 } from "../platform/secrets.ts";
import type { TestContext } from "./context.ts";
import type { Member } from "./factories.ts";

export const bytesOf = (text: string) => new TextEncoder().encode(text);

/** Sends a small file to the member's team. @returns its name */
export async function sendBlob(member: Member, text: string): Promise<string> {
  const hash = sha256(text);
  await putBlob(member, { teamId: member.team.id, sha256: hash, body: bytesOf(text) });
  return hash;
}

/** Bytes of so many chunks and a rest, each chunk another. */
export function largeBytes(chunks: number, rest: number): Uint8Array {
  const bytes = new Uint8Array(chunks * CHUNK_BYTES + rest);
  for (let at = 0, n = 1; at < bytes.byteLength; at += CHUNK_BYTES) bytes[at] = n++;
  return bytes;
}

/** How a large file is called, and its chunks. */
export function describeLarge(bytes: Uint8Array) {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < bytes.byteLength; at += CHUNK_BYTES) parts.push(bytes.subarray(at, at + CHUNK_BYTES));
  const chunks = parts.map((part) => sha256(part));
  return { sha256: nameOfChunks(chunks, createHash), size: bytes.byteLength, chunks, parts };
}

/** Sends a large file to the member's team, chunk by chunk. @returns its name */
export async function sendLarge(member: Member, bytes: Uint8Array): Promise<string> {
  const { parts, ...file } = describeLarge(bytes);
  const teamId = member.team.id;
  for (const [index, part] of parts.entries())
    await putBlob(member, { teamId, sha256: file.chunks[index] ?? "", body: part });
  await composeFile(member, { ...file, teamId });
  return file.sha256;
}

/** A pack of these texts. */
export const packOfTexts = (...texts: string[]) =>
  Buffer.concat(texts.flatMap((text) => [packHeader(sha256(text), bytesOf(text).byteLength), bytesOf(text)]));

/** Sends small files together to the member's team. */
export async function sendPack(member: Member, ...texts: string[]): Promise<void> {
  const body = (async function* () {
    yield packOfTexts(...texts);
  })();
  await putPack(member, { teamId: member.team.id, body });
}

/** Names small files that the member has sent in a tree, so that they stay. */
export async function keepFiles(member: Member, ...texts: string[]): Promise<void> {
  const entries = texts.map((text) => ({
    path: `file ${text.slice(0, 40)}`,
    sha256: sha256(text),
    size: bytesOf(text).byteLength,
    mode: 0o644 as const,
  }));
  await member.db.transaction((tx) => createTree(member, tx, { teamId: member.team.id, entries }));
}

/** The same world, whose packs are kept in another way. */
export function withPacks<C extends TestContext>(ctx: C, otherwise: Partial<ObjectStore>): C {
  return { ...ctx, blobs: { ...ctx.blobs, packs: { ...ctx.blobs.packs, ...otherwise } } };
}

/** The same world, whose store waits with a pack, before or after it was stored, until it is told to go on. */
export function pausedAtPack<C extends TestContext>(ctx: C, when: "before" | "after") {
  const reached = Promise.withResolvers<void>();
  const going = Promise.withResolvers<void>();
  const put = async (id: string, bytes: Uint8Array) => {
    if (when === "after") await ctx.blobs.packs.put(id, bytes);
    reached.resolve();
    await going.promise;
    if (when === "before") await ctx.blobs.packs.put(id, bytes);
  };
  return { ctx: withPacks(ctx, { put }), reached: reached.promise, goOn: going.resolve };
}

/** The same world, whose store dies after it has stored a pack, or removed one. */
export function failingAfterPack<C extends TestContext>(ctx: C, verb: "put" | "remove"): C {
  const { packs } = ctx.blobs;
  const died = () => {
    throw new Error("the hub died here");
  };
  return withPacks(
    ctx,
    verb === "put"
      ? { put: async (id, bytes) => packs.put(id, bytes).then(died) }
      : { remove: async (id) => packs.remove(id).then(died) },
  );
}

export async function isMissing(member: Member, hash: string): Promise<boolean> {
  return (await missingBlobs(member, { teamId: member.team.id, sha256: [hash] })).length > 0;
}

/** The same world, whose store waits before it does this until it is told to go on. */
export function pausedBefore<C extends TestContext>(ctx: C, verb: "put" | "remove") {
  const reached = Promise.withResolvers<void>();
  const going = Promise.withResolvers<void>();
  const pause = () => {
    reached.resolve();
    return going.promise;
  };
  const blobs: BlobStore = {
    ...ctx.blobs,
    async put(hash, bytes) {
      if (verb === "put") await pause();
      return ctx.blobs.put(hash, bytes);
    },
    async remove(hash) {
      if (verb === "remove") await pause();
      return ctx.blobs.remove(hash);
    },
  };
  return { ctx: { ...ctx, blobs }, reached: reached.promise, goOn: going.resolve };
}

/** The same world, whose store fails after it has done this. */
export function failingAfterRemove<C extends TestContext>(ctx: C): C {
  const remove = async (hash: string) => {
    await ctx.blobs.remove(hash);
    throw new Error("the hub died here");
  };
  return { ...ctx, blobs: { ...ctx.blobs, remove } };
}
