import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import {
  BlobNamer,
  MAX_PACKED,
  PACK_BYTES,
  PACKED_BYTES,
  readPack,
  type TreeEntry,
  treeSchema,
} from "@podium/shared";
import type { Cli } from "./cli.ts";
import { type Api, ok } from "./client.ts";
import { CliError, refusal } from "./errors.ts";
import { newIdempotencyKey } from "./ids.ts";
import { inParallel } from "./parallel.ts";
import { explainDisk, PullTarget } from "./pull-target.ts";
import { formatBytes } from "./quantities.ts";
import { createDigest } from "./read-local.ts";
import { PassingError, patiently, sendWithRetries, unreachable } from "./retry.ts";

const DOWNLOADS_AT_ONCE = 3;
/** A large file is asked for in pieces, so that what arrives faster than it can be written fills no memory. */
const PIECE_BYTES = 32 * 1024 ** 2;
const READ_BYTES = 1024 ** 2;

/** Bytes of one file of a tree, checked against its name. For files that fit into memory. */
export async function readTreeFile(api: Api, treeId: string, sha256: string): Promise<Uint8Array> {
  const response = await request(api, `/api/v1/trees/${treeId}/blobs/${sha256}`, {});
  const bytes = new Uint8Array(await response.arrayBuffer());
  const namer = new BlobNamer(createDigest);
  namer.update(bytes);
  if (namer.finish().sha256 !== sha256) throw damaged(sha256);
  return bytes;
}

/**
 * Writes a tree's files into a folder that is new or empty (or, when forced, over what is there). When it was
 * interrupted the same call goes on where it was: files that are there and right stay. Answers how much there is;
 * throws a `CliError` before anything is written when the folder has files.
 */
export async function pullTree(
  cli: Cli,
  treeId: string,
  path: string,
  options: { force: boolean },
): Promise<{ path: string; files: number; size_bytes: number }> {
  const api = cli.api();
  const target = PullTarget.open(path, treeId, options);
  // Parsed, not trusted: a path such as ../x must not be written whoever sent it.
  const tree = treeSchema.parse(
    await ok(api.GET("/api/v1/trees/{id}", { params: { path: { id: treeId } } })),
  );
  target.begin();
  let there = 0;
  const arrived = (bytes: number) => {
    there += bytes;
    cli.out.progress(`Pulling: ${formatBytes(there)} of ${formatBytes(tree.size)}`);
  };
  const onWait = (error: Error) => cli.out.progress(`Waiting for the hub: ${error.message}`);
  const pull: Pull = { api, treeId, target, arrived, onWait };
  try {
    const wanted = byName(tree.entries.filter((entry) => !isThere(pull, entry)));
    await inParallel(inGroups(wanted), DOWNLOADS_AT_ONCE, (group) =>
      patiently(() => (isSmall(group[0]) ? pullPack(pull, group) : pullLarge(pull, group[0] ?? [])), onWait),
    );
  } catch (error) {
    throw explainDisk(error, there, tree.size);
  }
  target.finish();
  cli.out.progress("");
  return { path: target.folder, files: tree.entries.length, size_bytes: tree.size };
}

interface Pull {
  api: Api;
  treeId: string;
  target: PullTarget;
  arrived(bytes: number): void;
  onWait(error: Error): void;
}

/** True for a file that an earlier call has brought, or that was there and is the same. */
function isThere({ target, arrived }: Pull, entry: TreeEntry): boolean {
  const path = target.existing(entry);
  if (path === null || nameOfFile(path) !== entry.sha256) return false;
  target.setMode(entry);
  arrived(entry.size);
  return true;
}

/** Entries that are the same file, one list each. */
function byName(entries: readonly TreeEntry[]): TreeEntry[][] {
  const lists = new Map<string, TreeEntry[]>();
  for (const entry of entries) {
    const list = lists.get(entry.sha256);
    if (list) list.push(entry);
    else lists.set(entry.sha256, [entry]);
  }
  return [...lists.values()];
}

const isSmall = (file: readonly TreeEntry[] | undefined) => (file?.[0]?.size ?? 0) <= PACKED_BYTES;

/** Files by the request that brings them: large ones alone, small ones by the pack. */
function inGroups(files: readonly TreeEntry[][]): TreeEntry[][][] {
  const groups = files.filter((file) => !isSmall(file)).map((file) => [file]);
  let pack: TreeEntry[][] = [];
  let bytes = 0;
  for (const file of files.filter(isSmall)) {
    const size = file[0]?.size ?? 0;
    if (pack.length === MAX_PACKED || bytes + size > PACK_BYTES) {
      groups.push(pack);
      [pack, bytes] = [[], 0];
    }
    pack.push(file);
    bytes += size;
  }
  if (pack.length > 0) groups.push(pack);
  return groups;
}

/** Fetches small files together; after a failure only those that have not come yet. */
async function pullPack({ api, treeId, target, arrived }: Pull, files: TreeEntry[][]) {
  if (files.length === 0) return;
  const waiting = new Map(files.map((entries) => [entries[0]?.sha256 ?? "", entries]));
  const response = await request(api, `/api/v1/trees/${treeId}/pack`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "Idempotency-Key": newIdempotencyKey() },
    body: JSON.stringify({ sha256: [...waiting.keys()] }),
  });
  for await (const { sha256, bytes } of readPack(piecesOf(response))) {
    const entries = waiting.get(sha256);
    if (!entries) continue;
    if (Bun.CryptoHasher.hash("sha256", bytes, "hex") !== sha256) throw damaged(sha256);
    for (const entry of entries) target.write(entry, bytes);
    waiting.delete(sha256);
    files.splice(files.indexOf(entries), 1);
    arrived(bytes.byteLength * entries.length);
  }
  if (waiting.size > 0) throw unreachable(api.url, new Error("it left files out"));
}

/** Fetches one large file piece by piece, going on with what there is of it. */
async function pullLarge(pull: Pull, entries: readonly TreeEntry[]) {
  const [{ sha256, size } = { sha256: "", size: 0 }] = entries;
  const path = pull.target.partialPath(sha256);
  const file = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o644);
  try {
    if (fstatSync(file).size > size) ftruncateSync(file, 0);
    const namer = new BlobNamer(createDigest);
    let have = readBack(file, namer);
    while (have < size) {
      const end = Math.min(have + PIECE_BYTES, size);
      for await (const bytes of await openPiece(pull, sha256, have, end)) {
        for (let at = 0; at < bytes.byteLength; ) {
          at += writeSync(file, bytes, at, bytes.byteLength - at, have + at);
        }
        namer.update(bytes);
        have += bytes.byteLength;
        pull.arrived(bytes.byteLength);
      }
    }
    if (have > size || namer.finish().sha256 !== sha256) {
      unlinkSync(path);
      throw damaged(sha256);
    }
  } finally {
    closeSync(file);
  }
  pull.target.place(entries, path);
}

async function openPiece({ api, treeId }: Pull, sha256: string, from: number, end: number) {
  const headers = { Range: `bytes=${from}-${end - 1}` };
  const response = await request(api, `/api/v1/trees/${treeId}/blobs/${sha256}`, { headers });
  if (response.status !== 206 && from > 0)
    throw new CliError("The hub does not go on where it was asked to.");
  return piecesOf(response);
}

async function request(api: Api, path: string, init: RequestInit): Promise<Response> {
  const response = await sendWithRetries(() => api.request(path, init));
  if (!response.ok) throw refusal(await response.json().catch(() => null), response);
  return response;
}

/** A connection that breaks off in the middle can be tried again; a full disk, say, can't. */
async function* piecesOf(response: Response): AsyncGenerator<Uint8Array> {
  const reader = response.body?.getReader();
  if (!reader) return;
  try {
    for (;;) {
      const part = await reader.read().catch((error) => {
        throw unreachable(response.url, error);
      });
      if (part.done) return;
      yield part.value;
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

function readBack(file: number, namer: BlobNamer): number {
  const buffer = Buffer.allocUnsafe(READ_BYTES);
  for (let at = 0; ; ) {
    const read = readSync(file, buffer, 0, READ_BYTES, at);
    if (read === 0) return at;
    namer.update(buffer.subarray(0, read));
    at += read;
  }
}

function nameOfFile(path: string): string {
  const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const namer = new BlobNamer(createDigest);
    readBack(file, namer);
    return namer.finish().sha256;
  } finally {
    closeSync(file);
  }
}

function damaged(sha256: string) {
  return new PassingError(`The file ${sha256} arrived damaged. Run the same command again.`);
}
