import { open, readFile, rename } from "node:fs/promises";
import { dirname } from "node:path";

/** Replaces a file so that a crash leaves the old or the new content, never a mixture. */
export async function writeDurably(path: string, content: string | Uint8Array, mode = 0o600) {
  const temporary = `${path}.new`;
  const file = await open(temporary, "w", mode);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
  await syncFile(dirname(path));
}

/** Makes a file's content durable, or the names in a folder. */
export async function syncFile(path: string) {
  const file = await open(path, "r");
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** The text of a file, or null when there is none. */
export async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (isErrno(error, "ENOENT")) return null;
    throw error;
  }
}

export function isErrno(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && "code" in error && codes.includes(String(error.code));
}
