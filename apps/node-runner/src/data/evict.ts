import { chmodSync, lstatSync, readdirSync, renameSync, type Stats, unlinkSync } from "node:fs";
import { join } from "node:path";
import type { TreeEntry } from "@podium/shared";
import { removeFolder } from "./remove.ts";
import { giveWay, inSlices } from "./slices.ts";

/** The smallest part of a file that common file systems give room to. */
const BLOCK_BYTES = 4096;

export interface EvictionInput {
  blobFolder: string;
  treeFolder: string;
  manifestFolder: string;
  /** Bytes to come down to. */
  limitBytes: number;
  keepTree(treeId: string): boolean;
  keepBlob(sha256: string): boolean;
  /** The files of a tree, or null when its list is lost: its blobs go another time then. */
  entriesOf(treeId: string): Promise<readonly TreeEntry[] | null>;
  /** Hears at once that a tree is gone. */
  onTree(treeId: string): void;
  temporaryPath(): string;
}

interface Candidate {
  kind: "blob" | "tree" | "manifest";
  name: string;
  path: string;
  size: number;
  usedMs: number;
}

/** Bytes on the disk of all blobs, executable forms and manifests. Folders and links cost almost nothing. */
export async function measure(input: Pick<EvictionInput, "blobFolder" | "manifestFolder">): Promise<number> {
  let total = 0;
  await eachFile(input.blobFolder, (_name, _path, status) => {
    total += onDisk(status);
  });
  for (const { status } of filesOf(input.manifestFolder)) total += onDisk(status);
  return total;
}

/** A file of one byte takes a block: whoever makes many of them must not fill the disk below the limit. */
const onDisk = ({ size, blocks }: Stats) => Math.max(size, blocks * 512);

/** The same of a file that is still on its way to the disk, bytes. */
export const blocksOf = (size: number) => Math.ceil(size / BLOCK_BYTES) * BLOCK_BYTES;

/**
 * Deletes what was used longest ago until the cache is within the limit: trees that nobody has mounted, each with the
 * blobs that no other tree links to; blobs that are in no tree; lists of files. Returns the bytes that are left.
 */
export async function evict(input: EvictionInput): Promise<number> {
  const { total, candidates } = await survey(input);
  let left = total;
  for (const candidate of candidates) {
    if (left <= input.limitBytes) break;
    left -= candidate.kind === "tree" ? await deleteTree(input, candidate) : deleteFile(input, candidate);
    await giveWay();
  }
  return left;
}

async function survey(input: EvictionInput) {
  const candidates: Candidate[] = [];
  let total = 0;
  await eachFile(input.blobFolder, (name, path, status) => {
    total += onDisk(status);
    if (status.nlink > 1) return;
    candidates.push({ kind: "blob", name, path, size: onDisk(status), usedMs: status.atimeMs });
  });
  for (const { name, path, status } of filesOf(input.treeFolder)) {
    if (!input.keepTree(name)) candidates.push({ kind: "tree", name, path, size: 0, usedMs: status.mtimeMs });
  }
  const trees = new Set(candidates.filter(({ kind }) => kind === "tree").map(({ name }) => name));
  for (const { name, path, status } of filesOf(input.manifestFolder)) {
    total += onDisk(status);
    // The list of a tree that is built goes with it.
    if (trees.has(name) || input.keepTree(name)) continue;
    candidates.push({ kind: "manifest", name, path, size: onDisk(status), usedMs: status.atimeMs });
  }
  return { total, candidates: candidates.sort((a, b) => a.usedMs - b.usedMs) };
}

/** Whether something may go is asked in the same moment in which it goes: no mount can come in between. */
function deleteFile(input: EvictionInput, { kind, name, path, size }: Candidate): number {
  const isKept = kind === "manifest" ? input.keepTree(name) : input.keepBlob(name.slice(0, 64));
  if (isKept || lstatSync(path, { throwIfNoEntry: false })?.nlink !== 1) return 0;
  unlinkSync(path);
  return size;
}

async function deleteTree(input: EvictionInput, { name, path }: Candidate): Promise<number> {
  const entries = await input.entriesOf(name);
  if (input.keepTree(name)) return 0;
  const trash = input.temporaryPath();
  // A folder that is moved elsewhere must be writable itself.
  chmodSync(path, 0o755);
  renameSync(path, trash);
  input.onTree(name);
  await removeFolder(trash);
  const files = [
    { kind: "manifest" as const, name, path: join(input.manifestFolder, name) },
    ...(entries ?? []).flatMap(({ sha256 }) =>
      [sha256, `${sha256}.x`].map((file) => ({
        kind: "blob" as const,
        name: file,
        path: join(input.blobFolder, sha256.slice(0, 2), file),
      })),
    ),
  ];
  let freed = 0;
  await inSlices(files, (file) => {
    const status = lstatSync(file.path, { throwIfNoEntry: false });
    if (status) freed += deleteFile(input, { ...file, size: onDisk(status), usedMs: 0 });
  });
  return freed;
}

async function eachFile(folder: string, visit: (name: string, path: string, status: Stats) => void) {
  for (const prefix of readdirSync(folder)) {
    await inSlices(readdirSync(join(folder, prefix)), (name) => {
      const path = join(folder, prefix, name);
      const status = lstatSync(path, { throwIfNoEntry: false });
      if (status) visit(name, path, status);
    });
  }
}

function filesOf(folder: string) {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    const status = lstatSync(path, { throwIfNoEntry: false });
    return status ? [{ name, path, status }] : [];
  });
}
