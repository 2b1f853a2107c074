import { expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeDurably } from "./write-durably.ts";

const MIB = 1024 ** 2;

/** Bytes that are nowhere the same as a few before. */
function noise(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * 2654435761) >>> 13);
}

async function inFolder(root: string, work: (path: string) => Promise<void>) {
  const folder = mkdtempSync(join(root, "podium-write-"));
  try {
    await work(join(folder, "file"));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

// A file system in memory may refuse to write past the page cache, a disk does not.
for (const root of [tmpdir(), "/dev/shm"]) {
  test.each([0, 1, 4096, MIB - 1, MIB, MIB + 1, 2 * MIB + 4095, 8 * MIB])(
    `what was written is there, byte by byte: %d of them in ${root}`,
    (length) =>
      inFolder(root, async (path) => {
        const bytes = noise(length);
        await writeDurably(path, bytes);
        expect(readFileSync(path).equals(bytes)).toBe(true);
      }),
  );
}

test("bytes that begin anywhere in a buffer are written as they are", () =>
  inFolder(tmpdir(), async (path) => {
    const bytes = noise(3 * MIB).subarray(7, 2 * MIB + 9);
    await writeDurably(path, bytes);
    expect(readFileSync(path).equals(bytes)).toBe(true);
  }));

test("a large file is never written over another", () =>
  inFolder(tmpdir(), async (path) => {
    writeFileSync(path, "mine");
    await expect(writeDurably(path, new Uint8Array(2 * MIB))).rejects.toMatchObject({ code: "EEXIST" });
    expect(readFileSync(path, "utf8")).toBe("mine");
  }));
