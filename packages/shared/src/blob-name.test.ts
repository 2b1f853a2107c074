import { expect, test } from "bun:test";
import { BlobNamer, CHUNK_BYTES, nameOfChunks } from "./blob-name.ts";

const create = (algorithm: "sha256" | "sha512-256") => new Bun.CryptoHasher(algorithm);
const sha256 = (bytes: Uint8Array) => new Bun.CryptoHasher("sha256").update(bytes).digest("hex");

function nameOf(bytes: Uint8Array, pieceBytes: number) {
  const namer = new BlobNamer(create);
  for (let at = 0; at < bytes.byteLength; at += pieceBytes) namer.update(bytes.subarray(at, at + pieceBytes));
  return namer.finish();
}

test("a small file is called by the SHA-256 of its bytes, an empty one too", () => {
  // The example of FIPS 180-2, appendix B.1
  const abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  expect(nameOf(new TextEncoder().encode("abc"), 2)).toEqual({ sha256: abc, size: 3, chunks: null });
  expect(nameOf(new Uint8Array(0), 1)).toEqual({ sha256: sha256(new Uint8Array(0)), size: 0, chunks: null });
});

test("a file of exactly one chunk is one blob, one byte more makes two chunks", () => {
  const bytes = new Uint8Array(CHUNK_BYTES + 1).map((_, index) => index * 31);
  const whole = bytes.subarray(0, CHUNK_BYTES);
  expect(nameOf(whole, 1_000_003)).toEqual({ sha256: sha256(whole), size: CHUNK_BYTES, chunks: null });
  const chunks = [sha256(whole), sha256(bytes.subarray(CHUNK_BYTES))];
  const named = nameOf(bytes, 1_000_003);
  expect(named).toEqual({ sha256: nameOfChunks(chunks, create), size: CHUNK_BYTES + 1, chunks });
  expect(nameOf(bytes, bytes.byteLength)).toEqual(named);
});

test("no blob can be made that has a chunked file's name: it is not the SHA-256 of its list of chunks", () => {
  const chunks = [sha256(new Uint8Array([1])), sha256(new Uint8Array([2]))];
  expect(nameOfChunks(chunks, create)).not.toBe(sha256(Buffer.from(chunks.join(""), "hex")));
});
