import { expect, test } from "bun:test";
import { rangesOf } from "./ranges.ts";
import type { StoredBlob } from "./store.ts";

const blob = (sha256: string, id: string | null, offset = 0, size = 10): StoredBlob => ({
  sha256,
  size,
  pack: id === null ? null : { id, offset },
});
const shown = (blobs: StoredBlob[]) =>
  rangesOf(blobs).map(
    ({ packId, start, end, blobs: within }) =>
      `${packId} ${start}-${end} ${within.map(({ sha256 }) => sha256).join("")}`,
  );

test("neighbours are one range, in whatever order they are asked for", () => {
  expect(shown([blob("c", "1", 128), blob("a", "1", 36), blob("b", "1", 82)])).toEqual(["1 36-138 abc"]);
});

test("what lies far from another, in another pack or alone is read by itself", () => {
  const far = 36 + 10 + 64 * 1024;
  expect(shown([blob("a", "1", 36), blob("b", "1", far)])).toEqual([`1 36-${far + 10} ab`]);
  expect(shown([blob("a", "1", 36), blob("b", "1", far + 1)])).toEqual([
    "1 36-46 a",
    `1 ${far + 1}-${far + 11} b`,
  ]);
  expect(shown([blob("a", "2", 36), blob("b", "1", 36), blob("c", null)])).toEqual([
    "1 36-46 b",
    "2 36-46 a",
  ]);
});

test("a blob of no bytes, and none at all, are no fault", () => {
  expect(shown([blob("a", "1", 36, 0), blob("b", "1", 72, 5)])).toEqual(["1 36-77 ab"]);
  expect(shown([])).toEqual([]);
});
