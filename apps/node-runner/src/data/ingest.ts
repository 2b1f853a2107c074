import { constants } from "node:fs";
import { type FileHandle, lstat, open, readdir, readlink, realpath } from "node:fs/promises";
import { basename, join, relative } from "node:path";
import { DomainError, MAX_TREE_ENTRIES, type TreeEntry, treePathSchema } from "@podium/shared";
import { BlobBatch } from "./blob-batch.ts";
import type { BlobCache } from "./blob-cache.ts";
import { isErrno } from "./files.ts";
import { Room } from "./room.ts";

const READ_BYTES = 1024 * 1024;

/** A list of names that is longer has more than a tree may have, and would itself be too much for memory. */
const MAX_FOLDER_BYTES = 64 * 1024 ** 2;

/**
 * Copies a folder that a session wrote into the blob cache, `maxBytes` at most, and returns its entries, sorted by path.
 * Every blob is pinned once; the caller unpins. The folder's owner is hostile and may still be running: nothing outside
 * `allowedRoot` is read, whatever is swapped for a link meanwhile. Throws `invalid_request` for people.
 */
export async function ingestFolder(
  path: string,
  allowedRoot: string,
  cache: BlobCache,
  maxBytes: number,
): Promise<TreeEntry[]> {
  const root = await readable(basename(allowedRoot), () => realpath(allowedRoot));
  const folder = await realFolder(path, root);
  const room = await Room.in(cache.root, maxBytes, () => refuse(tooLarge(maxBytes)));
  const entries: TreeEntry[] = [];
  const batch = new BlobBatch(cache);
  try {
    await walk(folder);
    await batch.file();
  } catch (error) {
    batch.discard();
    throw error;
  }
  return entries.sort((a, b) => (a.path < b.path ? -1 : 1));

  async function walk(current: string) {
    const names = await readable(relative(folder, current), () => namesIn(current));
    for (const name of names) {
      const child = join(current, name);
      const shown = relative(folder, child);
      const status = await readable(shown, () => lstat(child));
      if (status.isDirectory()) await walk(child);
      else if (status.isFile()) entries.push(await ingestFile(child, shown, root, batch, room));
      else
        throw refuse(
          `"${shown}" is ${status.isSymbolicLink() ? "a link" : "a special file"}; save plain files only.`,
        );
      if (entries.length > MAX_TREE_ENTRIES) throw tooManyFiles();
    }
  }
}

async function namesIn(folder: string): Promise<string[]> {
  if ((await lstat(folder)).size > MAX_FOLDER_BYTES) throw tooManyFiles();
  return readdir(folder);
}

/** What keeps a file of the session from being read is the session's own doing, and is told to it. */
async function readable<T>(shown: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (isErrno(error, "EACCES", "EPERM"))
      throw refuse(`"${shown}" can't be read: its permissions forbid it.`);
    if (isErrno(error, "ENAMETOOLONG")) throw refuse(`"${shown.slice(0, 200)}…" has too long a path.`);
    if (isErrno(error, "ENOENT", "ENOTDIR", "ELOOP", "ENXIO"))
      throw refuse(`"${shown}" changed while it was being saved.`);
    throw error;
  }
}

async function realFolder(path: string, root: string): Promise<string> {
  const real = await readable(basename(path), () =>
    realpath(path).catch((error) => {
      throw isErrno(error, "ENOENT", "ENOTDIR", "ELOOP") ? refuse("The folder does not exist.") : error;
    }),
  );
  if (!isInside(real, root)) throw refuse("The folder is outside the session's own folders.");
  if (!(await lstat(real)).isDirectory()) throw refuse("The path is not a folder.");
  return real;
}

async function ingestFile(
  path: string,
  shown: string,
  root: string,
  batch: BlobBatch,
  room: Room,
): Promise<TreeEntry> {
  const name = treePathSchema.safeParse(shown);
  if (!name.success) throw refuse(`The file name ${JSON.stringify(shown)} ${name.error.issues[0]?.message}.`);
  // O_NONBLOCK: opening a pipe that was swapped in must not hang the runner.
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const file = await readable(shown, () => open(path, flags));
  try {
    const status = await file.stat();
    const opened = await readlink(`/proc/self/fd/${file.fd}`);
    if (!status.isFile() || !isInside(opened, root))
      throw refuse(`"${shown}" changed while it was being saved.`);
    room.require(status.size);
    const blob = await batch.add(pieces(file, room));
    return { path: shown, ...blob, mode: status.mode & 0o111 ? 0o755 : 0o644 };
  } finally {
    await file.close();
  }
}

async function* pieces(file: FileHandle, room: Room): AsyncGenerator<Uint8Array> {
  const buffer = new Uint8Array(READ_BYTES);
  for (;;) {
    const { bytesRead } = await file.read(buffer, 0, READ_BYTES, null);
    if (bytesRead === 0) return;
    room.take(bytesRead);
    yield buffer.subarray(0, bytesRead);
  }
}

const tooManyFiles = () => refuse(`There are more than ${MAX_TREE_ENTRIES} files.`);
const tooLarge = (maxBytes: number) =>
  `The files have more than ${Math.floor(maxBytes / 1024 ** 2)} MiB, the size of the session's disk; a file with holes or several names counts in full.`;
const isInside = (path: string, root: string) => path === root || path.startsWith(`${root}/`);
const refuse = (message: string) => new DomainError("invalid_request", message);
