import { expect, test } from "bun:test";
import { release } from "./buffers.ts";

test("memory that is given back can be read no more", () => {
  const part = new Uint8Array(1024).fill(7);
  release(part);
  expect(part.byteLength).toBe(0);
});

test("of memory that others have parts of nothing is taken", () => {
  const whole = new Uint8Array(1024).fill(7);
  release(whole.subarray(0, 512));
  release(new Uint8Array(new SharedArrayBuffer(16)));
  expect(whole).toEqual(new Uint8Array(1024).fill(7));
});
