import {
  chmodSync,
  constants,
  copyFileSync,
  linkSync,
  lstatSync,
  mkdirSync,
  renameSync,
  unlinkSync,
} from "node:fs";
import { chmod, copyFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { TreeEntry } from "@podium/shared";
import type { BlobCache } from "./blob-cache.ts";
import { isErrno } from "./files.ts";
import { inSlices } from "./slices.ts";

const isExecutable = (entry: TreeEntry) => entry.mode === 0o755;

/** Copies files out of the cache into a folder that somebody may write to. */
export async function copyEntries(blobs: BlobCache, entries: readonly TreeEntry[], target: string) {
  makeFolders(entries, target);
  for (const entry of entries) {
    const path = join(target, entry.path);
    await copyFile(blobs.path(entry.sha256), path, constants.COPYFILE_FICLONE);
    await chmod(path, entry.mode);
  }
}

/** Fills a new folder with links into the cache. The folders below it become read-only; it itself can be renamed. */
export async function linkEntries(blobs: BlobCache, entries: readonly TreeEntry[], target: string) {
  const folders = makeFolders(entries, target);
  await inSlices(entries, (entry) => linkEntry(blobs, entry, `${target}/${entry.path}`));
  for (const folder of folders) if (folder !== target) chmodSync(folder, 0o555);
}

/** Puts intact files in the place of damaged ones, under the feet of whoever has the tree mounted. */
export async function mendEntries(blobs: BlobCache, damaged: readonly TreeEntry[], target: string) {
  for (const entry of damaged) {
    const path = join(target, entry.path);
    const folder = dirname(path);
    const temporary = blobs.temporaryPath();
    linkEntry(blobs, entry, temporary);
    mkdirSync(folder, { recursive: true });
    chmodSync(folder, 0o755);
    renameSync(temporary, path);
    chmodSync(folder, 0o555);
    // A rename between two links to one file does nothing: the file was only touched, and is verified again.
    if (lstatSync(temporary, { throwIfNoEntry: false })) unlinkSync(temporary);
  }
}

/** The files of a folder that are not as they were linked; only size and time are looked at. */
export async function damagedEntries(
  blobs: BlobCache,
  entries: readonly TreeEntry[],
  target: string,
): Promise<TreeEntry[]> {
  const damaged: TreeEntry[] = [];
  await inSlices(entries, (entry) => {
    if (!blobs.isIntact(`${target}/${entry.path}`, entry.size)) damaged.push(entry);
  });
  return damaged;
}

function makeFolders(entries: readonly TreeEntry[], target: string): Set<string> {
  const folders = new Set([target, ...entries.map((entry) => dirname(`${target}/${entry.path}`))]);
  for (const folder of folders) mkdirSync(folder, { recursive: true });
  return folders;
}

function linkEntry(blobs: BlobCache, entry: TreeEntry, path: string) {
  const blob = blobs.path(entry.sha256, isExecutable(entry));
  if (isExecutable(entry) && !blobs.isIntact(blob, entry.size)) makeExecutable(blobs, entry);
  try {
    linkSync(blob, path);
  } catch (error) {
    // A file system bounds the links to one file; an empty file may be in thousands of trees.
    if (!isErrno(error, "EMLINK")) throw error;
    copyFileSync(blob, path, constants.COPYFILE_FICLONE);
    chmodSync(path, isExecutable(entry) ? 0o555 : 0o444);
    blobs.markVerified(path);
  }
}

function makeExecutable(blobs: BlobCache, entry: TreeEntry) {
  const temporary = blobs.temporaryPath();
  copyFileSync(blobs.path(entry.sha256), temporary, constants.COPYFILE_FICLONE);
  blobs.fileExecutable(temporary, entry);
}
