import { expect, test } from "bun:test";
import { CHUNK_BYTES } from "./blob-name.ts";
import { packHeader, readPack } from "./pack.ts";

const sha256 = (bytes: Uint8Array) => new Bun.CryptoHasher("sha256").update(bytes).digest("hex");
const blobs = ["", "a", "", "two", "x".repeat(1000), ""].map((text) => new TextEncoder().encode(text));
const pack = Buffer.concat(blobs.flatMap((bytes) => [packHeader(sha256(bytes), bytes.byteLength), bytes]));

async function* inPieces(bytes: Uint8Array, pieceBytes: number) {
  for (let at = 0; at < bytes.byteLength; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}

test.each([1, 7, 36, 37, 1_000, 1_000_000])(
  "a pack cut into pieces of %d bytes gives its blobs",
  async (size) => {
    const read = await Array.fromAsync(readPack(inPieces(pack, size)));
    expect(read.map((blob) => blob.sha256)).toEqual(blobs.map(sha256));
    expect(read.map((blob) => [...blob.bytes])).toEqual(blobs.map((bytes) => [...bytes]));
  },
);

test("a stream that ends inside a blob or a header is refused", async () => {
  for (const end of [1, 35, 36 + 36, pack.byteLength - 37]) {
    await expect(Array.fromAsync(readPack(inPieces(pack.subarray(0, end), 10)))).rejects.toThrow(
      "ends in the middle",
    );
  }
});

test("a size that no blob has is refused before memory is taken for it", async () => {
  const header = packHeader(sha256(new Uint8Array(0)), CHUNK_BYTES + 1);
  await expect(Array.fromAsync(readPack(inPieces(header, 36)))).rejects.toThrow("are the most");
});
