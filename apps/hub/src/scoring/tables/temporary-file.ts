import { type FileHandle, mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** An empty file without a name: it is gone when its handle is closed, or with the process. */
export async function temporaryFile(): Promise<FileHandle> {
  const folder = await mkdtemp(join(tmpdir(), "podium-scorer-"));
  try {
    return await open(join(folder, "table"), "wx+", 0o600);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Appends to a file in pieces of a megabyte. */
export function bufferedWriter(handle: FileHandle) {
  let pieces: string[] = [];
  let length = 0;
  const flush = async () => {
    if (length > 0) await handle.write(pieces.join(""));
    pieces = [];
    length = 0;
  };
  return {
    async write(text: string): Promise<void> {
      pieces.push(text);
      length += text.length;
      if (length >= 1024 * 1024) await flush();
    },
    flush,
  };
}
