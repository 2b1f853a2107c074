import { lstat, readdir, unlink } from "node:fs/promises";
import { join } from "node:path";
import { isErrno } from "./files.ts";
import { removeFolder } from "./remove.ts";

export interface EvictionInput {
  blobFolder: string;
  treeFolder: string;
  limitBytes: number;
  keepTree(treeId: string): boolean;
  keepBlob(sha256: string): boolean;
}

interface CachedBlob {
  path: string;
  sha256: string;
  size: number;
  links: number;
  usedMs: number;
}

/**
 * Deletes what was used longest ago until the blobs fit into the limit: first whole trees that nobody has
 * mounted, then blobs that no tree links to. Returns the bytes that are left.
 */
export async function evict(input: EvictionInput): Promise<number> {
  let blobs = await listBlobs(input.blobFolder);
  if (bytesOf(blobs) <= input.limitBytes) return bytesOf(blobs);
  for (const tree of await idleTrees(input)) {
    await removeFolder(tree);
    blobs = await deleteUnlinked(input, await listBlobs(input.blobFolder));
    if (bytesOf(blobs) <= input.limitBytes) return bytesOf(blobs);
  }
  return bytesOf(await deleteUnlinked(input, blobs));
}

async function deleteUnlinked(input: EvictionInput, blobs: CachedBlob[]): Promise<CachedBlob[]> {
  let total = bytesOf(blobs);
  const kept: CachedBlob[] = [];
  for (const blob of blobs.sort((a, b) => a.usedMs - b.usedMs)) {
    if (total <= input.limitBytes || blob.links > 1 || input.keepBlob(blob.sha256)) {
      kept.push(blob);
      continue;
    }
    await unlink(blob.path);
    total -= blob.size;
  }
  return kept;
}

async function idleTrees(input: EvictionInput): Promise<string[]> {
  const trees: { path: string; usedMs: number }[] = [];
  for (const id of await readdir(input.treeFolder)) {
    const path = join(input.treeFolder, id);
    if (!input.keepTree(id)) trees.push({ path, usedMs: (await lstat(path)).mtimeMs });
  }
  return trees.sort((a, b) => a.usedMs - b.usedMs).map((tree) => tree.path);
}

async function listBlobs(folder: string): Promise<CachedBlob[]> {
  const blobs: CachedBlob[] = [];
  for (const prefix of await readdir(folder)) {
    for (const name of await readdir(join(folder, prefix))) {
      const path = join(folder, prefix, name);
      try {
        const { size, nlink, atimeMs } = await lstat(path);
        blobs.push({ path, sha256: name.slice(0, 64), size, links: nlink, usedMs: atimeMs });
      } catch (error) {
        if (!isErrno(error, "ENOENT")) throw error;
      }
    }
  }
  return blobs;
}

const bytesOf = (blobs: readonly CachedBlob[]) => blobs.reduce((sum, blob) => sum + blob.size, 0);
