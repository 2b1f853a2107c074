import { ptr } from "bun:ffi";
import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";

/** What the disk wants addresses and lengths to be multiples of, bytes. */
const BLOCK_BYTES = 4096;
/** From so many bytes on, a copy in the page cache costs more than a write that waits for the disk. */
const LARGE_BYTES = 1024 ** 2;

/**
 * Makes a new file of these bytes, which are on the disk when this resolves. Large ones go past the page cache: copying
 * them into it, to be written at once, is most of what storing them would take (1.5 s of CPU a GiB, without it 0.1).
 * @throws what the file system says; a part of the file may be there then
 */
export async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const written = await writeDirectly(path, bytes);
  if (written === bytes.byteLength) return;
  const file = await open(path, written === null ? "wx" : "r+");
  try {
    await writeFrom(file, bytes, written ?? 0);
    await file.datasync();
  } finally {
    await file.close();
  }
}

/**
 * Writes whole blocks of a large buffer, where the file system can do it; if that is all, they are on the disk then.
 * @returns how many bytes were written; null: no file was made
 */
async function writeDirectly(path: string, bytes: Uint8Array): Promise<number | null> {
  const length = bytes.byteLength - (bytes.byteLength % BLOCK_BYTES);
  if (length < LARGE_BYTES || ptr(bytes) % BLOCK_BYTES !== 0) return null;
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_DIRECT;
  const file = await open(path, flags).catch((error: unknown) => refused(error, null));
  if (!file) return null;
  try {
    await writeFrom(file, bytes.subarray(0, length), 0);
    if (length === bytes.byteLength) await file.datasync();
    return length;
  } catch (error) {
    return refused(error, 0);
  } finally {
    await file.close();
  }
}

/** One write may take only part of it, when the disk is nearly full. */
async function writeFrom(file: FileHandle, bytes: Uint8Array, start: number): Promise<void> {
  for (let at = start; at < bytes.byteLength; )
    at += (await file.write(bytes, at, bytes.byteLength - at, at)).bytesWritten;
}

/** File systems in memory, over a network or in user space may not have this way of writing. */
function refused<T>(error: unknown, otherwise: T): T {
  if ((error as NodeJS.ErrnoException).code === "EINVAL") return otherwise;
  throw error;
}
