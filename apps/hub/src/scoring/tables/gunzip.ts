import { createReadStream } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { createGunzip } from "node:zlib";
import { type FileRole, fileError } from "./file-error.ts";
import { temporaryFile } from "./temporary-file.ts";

/**
 * Unpacks a gzip file into a temporary one. It stops as soon as more than `maxBytes` came out, so that a small file
 * that unpacks to a huge one costs no more than that.
 * @throws DomainError when it is too large or no gzip
 */
export async function gunzip(path: string, role: FileRole, maxBytes: number): Promise<FileHandle> {
  const unpacked = await temporaryFile();
  const packed = createReadStream(path);
  const stream = createGunzip();
  packed.on("error", (error) => stream.destroy(error));
  try {
    let bytes = 0;
    for await (const piece of packed.pipe(stream)) {
      bytes += (piece as Uint8Array).byteLength;
      if (bytes > maxBytes) throw tooLarge(role, maxBytes);
      await unpacked.write(piece as Uint8Array);
    }
    return unpacked;
  } catch (error) {
    await unpacked.close();
    if (!/^Z_|ERR_ZLIB/.test((error as NodeJS.ErrnoException).code ?? "")) throw error;
    throw fileError(role, "not_parseable", "is gzip that is broken or cut off. Pack and send it again.");
  } finally {
    packed.destroy();
    stream.destroy();
  }
}

function tooLarge(role: FileRole, maxBytes: number) {
  return fileError(
    role,
    "too_large",
    `unpacks to more than ${maxBytes} bytes, which is all that is allowed.`,
    {
      max_bytes: maxBytes,
    },
  );
}
