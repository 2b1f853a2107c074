import { expect, test } from "bun:test";
import { MAX_PACKED, PACKED_BYTES, readPack } from "@podium/shared";
import { TransferBatch } from "./transfer-batch.ts";

const name = (index: number) => index.toString(16).padStart(64, "0");

function put(batch: TransferBatch, index: number, content: Uint8Array) {
  const room = batch.room(content.byteLength);
  if (!room) return false;
  room.set(content);
  batch.keep(name(index), content.byteLength);
  return true;
}
const unpacked = async (pack: { bytes: Uint8Array } | null) =>
  Array.fromAsync(readPack([pack?.bytes ?? new Uint8Array()] as never), ({ sha256, bytes }) => [
    sha256,
    Buffer.from(bytes).toString(),
  ]);

test("of what was read only what is wanted travels", async () => {
  const batch = new TransferBatch();
  for (const [index, text] of ["one", "two", "", "four"].entries()) put(batch, index + 1, Buffer.from(text));
  const pack = batch.pack(new Set([name(3), name(4)]));
  expect(pack?.content).toBe(4);
  expect(await unpacked(pack)).toEqual([
    [name(3), ""],
    [name(4), "four"],
  ]);
});

test("when nothing is wanted there is no pack", () => {
  const batch = new TransferBatch();
  put(batch, 1, Buffer.from("one"));
  expect(batch.pack(new Set())).toBeNull();
});

test("a batch is full at 8 MiB or at the most files a pack may hold, and empty again when cleared", () => {
  const batch = new TransferBatch();
  const mebibyte = new Uint8Array(PACKED_BYTES);
  let kept = 0;
  while (put(batch, kept, mebibyte)) kept++;
  expect(kept).toBe(8);
  batch.clear();
  for (kept = 0; put(batch, kept, Buffer.from("x")); ) kept++;
  expect(kept).toBe(MAX_PACKED);
});
