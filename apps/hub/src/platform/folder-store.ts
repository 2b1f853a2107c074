import { access, constants, mkdir, open, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { DomainError } from "@podium/shared";
import type { BlobBatch, BlobStore } from "./blob-store.ts";
import { randomName } from "./secrets.ts";

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

/** Blobs in a folder, `ab/cdef…`: written aside, synced, renamed; so a blob is there whole or not at all. */
export function createFolderStore(folder: string): BlobStore {
  const incoming = join(folder, "incoming");
  const blobs = join(folder, "blobs");
  const pathOf = (sha256: string) => join(blobs, sha256.slice(0, 2), sha256.slice(2));

  return {
    async put(sha256, bytes) {
      const path = pathOf(sha256);
      const partial = join(incoming, `${sha256}.${randomName()}`);
      try {
        await mkdir(incoming, { recursive: true });
        await writeDurably(partial, bytes);
        const isNewFolder = (await mkdir(dirname(path), { recursive: true })) !== undefined;
        await rename(partial, path);
        await syncFolder(dirname(path));
        if (isNewFolder) await syncFolder(blobs);
      } catch (error) {
        throw diskFull(error) ?? error;
      } finally {
        await rm(partial, { force: true });
      }
    },
    openBatch: () => createFolderBatch(join(incoming, `batch.${randomName()}`), pathOf),
    async read(sha256, start, end) {
      try {
        return await Bun.file(pathOf(sha256)).slice(start, end).bytes();
      } catch (error) {
        if (isMissing(error)) return null;
        throw error;
      }
    },
    async localPath(sha256) {
      const path = pathOf(sha256);
      return (await stat(path).catch(() => null)) ? path : null;
    },
    remove: (sha256) => rm(pathOf(sha256), { force: true }),
    async *list(firstDigits) {
      const names = await readdir(join(blobs, firstDigits)).catch(() => []);
      for (let at = 0; at < names.length; at += PAGE)
        yield names
          .slice(at, at + PAGE)
          .map((name) => `${firstDigits}${name}`)
          .filter((name) => /^[0-9a-f]{64}$/.test(name));
    },
    async sizeOf(sha256) {
      return (await stat(pathOf(sha256)).catch(() => null))?.size ?? null;
    },
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

const PAGE = 1000;
/** Files written or renamed at a time. */
const PARALLEL = 4;

/**
 * Many files for the price of one sync of the file system. Each is created under its own name, where nothing looks
 * before a row says that it is there; a crash leaves some half written. What has a file already, half or whole, is
 * written aside and renamed over it after the sync, so that a file that a row names never changes under a reader.
 */
function createFolderBatch(aside: string, pathOf: (sha256: string) => string): BlobBatch {
  const folders = new Set<string>();
  const replacing = new Set<string>();
  let last = "";
  return {
    async add(batch) {
      try {
        await inParallel(batch, async ({ sha256, bytes }) => {
          const path = pathOf(sha256);
          await ensureFolder(dirname(path));
          last = path;
          if (await create(path, bytes)) return;
          await ensureFolder(aside);
          await writeFile(join(aside, sha256), bytes);
          replacing.add(sha256);
        });
      } catch (error) {
        throw diskFull(error) ?? error;
      }
    },
    async commit() {
      if (last === "") return;
      await syncFileSystem(last);
      await inParallel([...replacing], (sha256) => rename(join(aside, sha256), pathOf(sha256)));
      if (replacing.size > 0) await syncFileSystem(last);
    },
    close: () => rm(aside, { force: true, recursive: true }),
  };

  async function ensureFolder(path: string) {
    if (folders.has(path)) return;
    await mkdir(path, { recursive: true });
    folders.add(path);
  }
}

/** False when there is a file of that name. */
async function create(path: string, bytes: Uint8Array): Promise<boolean> {
  try {
    await writeFile(path, bytes, { flag: "wx" });
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  }
}

/** At most `PARALLEL` at a time; ends with the first that fails, after those under way. */
async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values();
  const worker = async () => {
    for (const item of queue) await work(item);
  };
  const done = await Promise.allSettled(Array.from({ length: PARALLEL }, worker));
  const failed = done.find((each) => each.status === "rejected");
  if (failed) throw failed.reason;
}

async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, "wx");
  try {
    // One write may take only part of it, when the disk is nearly full.
    for (let at = 0; at < bytes.byteLength; ) at += (await file.write(bytes, at)).bytesWritten;
    await file.datasync();
  } finally {
    await file.close();
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

/** syncfs(2), which no JavaScript runtime offers, by way of coreutils. */
async function syncFileSystem(path: string): Promise<void> {
  const sync = Bun.spawn(["sync", "-f", path], { stdin: "ignore", stdout: "ignore", stderr: "pipe" });
  const [code, said] = await Promise.all([sync.exited, new Response(sync.stderr).text()]);
  if (code !== 0) throw new Error(`The file system of ${path} could not be synced: ${said.trim()}`);
}

const codeOf = (error: unknown) =>
  error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
const isMissing = (error: unknown) => codeOf(error) === "ENOENT";

function diskFull(error: unknown): DomainError | null {
  if (!["ENOSPC", "EDQUOT"].includes(codeOf(error) ?? "")) return null;
  return new DomainError("unavailable", "The hub's disk is full. Nothing was stored; try again later.");
}
