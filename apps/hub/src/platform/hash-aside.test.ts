import { expect, test } from "bun:test";
import { createHash, randomBytes } from "node:crypto";
import { hashAside } from "./hash-aside.ts";

const hex = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

test.each([1000, 3 * 1024 ** 2])("parts of %d bytes have the names that they have anywhere", async (size) => {
  const bytes = randomBytes(2 * size);
  const room = new Uint8Array(bytes);
  const parts = [
    { offset: 7, size },
    { offset: size, size: size - 7 },
    { offset: 3, size: 0 },
  ];
  const hashed = await hashAside(room, parts);
  expect(hashed.digests).toEqual(
    parts.map((part) => hex(bytes.subarray(part.offset, part.offset + part.size))),
  );
  expect(Buffer.compare(hashed.room, bytes)).toBe(0);
});

test("many at once each get their own buffer back, and a large one is nobody else's meanwhile", async () => {
  const rooms = Array.from({ length: 8 }, (_, at) => new Uint8Array(1024 ** 2 + at).fill(at));
  const sizes = rooms.map(({ byteLength }) => byteLength);
  const asked = rooms.map((room) => hashAside(room, [{ offset: 0, size: room.byteLength }]));
  expect(rooms.map(({ byteLength }) => byteLength)).toEqual(rooms.map(() => 0));
  const answers = await Promise.all(asked);
  for (const [at, { room, digests }] of answers.entries()) {
    expect([room.byteLength, room[0], room.at(-1)]).toEqual([sizes[at], at, at]);
    expect(digests).toEqual([hex(room)]);
  }
});
