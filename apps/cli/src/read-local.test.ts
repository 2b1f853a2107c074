import { expect, test } from "bun:test";
import { appendFileSync, truncateSync, unlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BlobNamer, CHUNK_BYTES } from "@podium/shared";
import { CliError } from "./errors.ts";
import type { FilePart } from "./file-part.ts";
import { createDigest, readLocal, type Taker } from "./read-local.ts";
import { type LocalFile, scan } from "./scan.ts";
import { temporaryFolders } from "./testing/folders.ts";

const folder = temporaryFolders("read")();

/** Keeps what it is offered; `meanwhile` happens before the nth piece is read. */
class Pieces implements Taker {
  readonly kept: { sha256: string; size: number }[] = [];
  constructor(private readonly meanwhile: (piece: number) => void = () => {}) {}

  async room(size: number) {
    this.meanwhile(this.kept.length);
    return Buffer.alloc(size);
  }
  keep(sha256: string, size: number) {
    this.kept.push({ sha256, size });
  }
  async turn() {
    this.meanwhile(this.kept.length);
  }
  keepPart(sha256: string, { size }: FilePart) {
    this.kept.push({ sha256, size });
  }
}

function fileOf(name: string, bytes: string | Uint8Array): LocalFile {
  writeFileSync(join(folder, name), bytes);
  return scan(join(folder, name))[0] as LocalFile;
}

test("a small file's name is the SHA-256 of its bytes", async () => {
  // The example of FIPS 180-2, appendix B.1
  const sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  const pieces = new Pieces();
  expect(await readLocal(fileOf("abc", "abc"), pieces)).toEqual({ sha256, size: 3, chunks: null });
  expect(pieces.kept).toEqual([{ sha256, size: 3 }]);
});

test("an empty file is one empty blob", async () => {
  const { size, chunks } = await readLocal(fileOf("empty", ""), new Pieces());
  expect({ size, chunks }).toEqual({ size: 0, chunks: null });
});

test.each([
  ["exactly one chunk", CHUNK_BYTES],
  ["one byte more", CHUNK_BYTES + 1],
  ["exactly two chunks", 2 * CHUNK_BYTES],
])("%s gets the name that all of Podium gives it", async (_what, size) => {
  const bytes = new Uint8Array(size).fill(7);
  const namer = new BlobNamer(createDigest);
  namer.update(bytes);
  expect(await readLocal(fileOf("sized", bytes), new Pieces())).toEqual(namer.finish());
});

test("a file that grows, shrinks or is rewritten meanwhile is named, with what happened to it", async () => {
  const size = 2 * CHUNK_BYTES;
  const file = fileOf("moving", new Uint8Array(size));
  const at = (piece: number, change: () => void) => new Pieces((now) => now === piece && change());

  const grows = readLocal(
    file,
    at(1, () => appendFileSync(file.source, "more")),
  );
  await expect(grows).rejects.toThrow(
    `moving changed while it was being pushed: it had ${size} bytes and then`,
  );

  const shrinks = readLocal(
    file,
    at(1, () => truncateSync(file.source, CHUNK_BYTES)),
  );
  await expect(shrinks).rejects.toThrow("became shorter");

  const rewritten = readLocal(
    file,
    at(0, () => utimesSync(file.source, 2e9, 2e9)),
  );
  await expect(rewritten).rejects.toThrow("it was written to at 2033-05-18");
});

test("a file that is gone, or became a pipe, is a clear error and nothing hangs", async () => {
  const file = fileOf("gone", "x");
  unlinkSync(file.source);
  await expect(readLocal(file, new Pieces())).rejects.toThrow(CliError);
  Bun.spawnSync(["mkfifo", file.source]);
  await expect(readLocal(file, new Pieces())).rejects.toThrow("it is no file any more");
});
