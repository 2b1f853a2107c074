import { access, constants, mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { DomainError } from "@podium/shared";
import { type BlobStore, isName, type ObjectStore, type Shelf } from "./blob-store.ts";
import { randomName } from "./secrets.ts";
import { writeDurably } from "./write-durably.ts";

/** Makes the folder; throws one line for people when this user can't write there. */
export async function assertWritable(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new Error(
      `PODIUM_DATA (${folder}) can't be used: ${(cause as Error).message}. Point it at a folder that this user may write.`,
      { cause },
    );
  }
}

/** Blobs in `blobs/ab/cdef…` of a folder, packs in `packs/ab/cdef…`. */
export function createFolderStore(folder: string): BlobStore {
  const incoming = join(folder, "incoming");
  return {
    ...createShelf(folder, "blobs"),
    packs: createShelf(folder, "packs"),
    removesAtOnce: true,
    async removeUnfinished(before) {
      let removed = 0;
      for (const name of await readdir(incoming).catch(() => [])) {
        const path = join(incoming, name);
        const found = await stat(path).catch(() => null);
        if (!found || found.mtime >= before) continue;
        await rm(path, { force: true, recursive: true });
        removed += 1;
      }
      return removed;
    },
  };
}

/** Objects are written aside, synced, renamed; so one is there whole or not at all. */
function createShelf(folder: string, shelf: Shelf): ObjectStore {
  const incoming = join(folder, "incoming");
  const root = join(folder, shelf);
  const pathOf = (name: string) => join(root, name.slice(0, 2), name.slice(2));
  /** Folders that a power cut leaves, of the 256. */
  const lasting = new Set<string>();

  return {
    async put(name, bytes) {
      const path = pathOf(name);
      const partial = join(incoming, `${name}.${randomName()}`);
      try {
        await makingFolder(incoming, () => writeDurably(partial, bytes));
        if (await makingFolder(dirname(path), () => rename(partial, path))) lasting.delete(dirname(path));
        await syncFolder(dirname(path));
        if (lasting.has(dirname(path))) return;
        // Whoever made it may not have got so far.
        for (const above of [root, folder]) await syncFolder(above);
        lasting.add(dirname(path));
      } catch (error) {
        await rm(partial, { force: true });
        throw diskFull(error) ?? error;
      }
    },
    async read(name, start, end) {
      try {
        return await Bun.file(pathOf(name)).slice(start, end).bytes();
      } catch (error) {
        if (isMissing(error)) return null;
        throw error;
      }
    },
    async localPath(name) {
      const path = pathOf(name);
      return (await stat(path).catch(() => null)) ? path : null;
    },
    remove: (name) => rm(pathOf(name), { force: true }),
    async *list(firstDigits) {
      const names = await readdir(join(root, firstDigits)).catch(() => []);
      for (let at = 0; at < names.length; at += PAGE)
        yield names
          .slice(at, at + PAGE)
          .map((name) => `${firstDigits}${name}`)
          .filter((name) => isName(shelf, name));
    },
    async sizeOf(name) {
      return (await stat(pathOf(name)).catch(() => null))?.size ?? null;
    },
  };
}

const PAGE = 1000;

/** Does the work; when its folder is missing, again once that is made. @returns whether it was missing */
async function makingFolder(folder: string, work: () => Promise<void>): Promise<boolean> {
  try {
    await work();
    return false;
  } catch (error) {
    if (!isMissing(error)) throw error;
    await mkdir(folder, { recursive: true });
    await work();
    return true;
  }
}

/** A rename survives a power cut only once its folder has been synced too. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

const codeOf = (error: unknown) =>
  error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
const isMissing = (error: unknown) => codeOf(error) === "ENOENT";

function diskFull(error: unknown): DomainError | null {
  if (!["ENOSPC", "EDQUOT"].includes(codeOf(error) ?? "")) return null;
  return new DomainError("unavailable", "The hub's disk is full. Nothing was stored; try again later.");
}
