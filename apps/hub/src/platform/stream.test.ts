import { expect, test } from "bun:test";
import { answerFile, sliceOf, streamOf } from "./stream.ts";

test.each([
  [undefined, null],
  ["bytes=0-", { start: 0, end: 10 }],
  ["bytes=3-", { start: 3, end: 10 }],
  ["bytes=9-", { start: 9, end: 10 }],
  ["bytes=3-5", { start: 3, end: 6 }],
  ["bytes=3-3", { start: 3, end: 4 }],
  ["bytes=3-500", { start: 3, end: 10 }],
  // What a server may ignore, and what is no range at all, gets the whole file.
  ["bytes=-3", null],
  ["bytes=1-2,4-5", null],
  ["bytes=5-3", null],
  ["bytes=x-", null],
  ["lines=1-", null],
  ["", null],
] as const)("the range %p of ten bytes is read as it is meant", (header, slice) => {
  expect(sliceOf(header, 10)).toEqual(slice);
});

test.each(["bytes=10-", "bytes=999999999999999-", "bytes=10-20"])(
  "%p begins behind the end of ten bytes",
  (header) => {
    expect(() => sliceOf(header, 10)).toThrow("The file has 10 bytes");
  },
);

test("an empty file has no part to ask for, and is answered whole", async () => {
  expect(() => sliceOf("bytes=0-", 0)).toThrow("The file has 0 bytes");
  const answer = answerFile({ size: 0, read: async function* () {} }, undefined);
  expect([answer.status, await answer.text()]).toEqual([200, ""]);
});

test("a part says where it lies", async () => {
  const read = async function* (start: number, end: number) {
    yield new TextEncoder().encode("0123456789".slice(start, end));
  };
  const answer = answerFile({ size: 10, read }, "bytes=7-");
  expect([answer.status, answer.headers.get("content-range"), await answer.text()]).toEqual([
    206,
    "bytes 7-9/10",
    "789",
  ]);
});

test("nothing is made before it is read, and nothing after the reader has gone", async () => {
  let made = 0;
  let ended = false;
  const stream = streamOf(
    (async function* () {
      try {
        for (;;) {
          made += 1;
          yield new Uint8Array(10);
        }
      } finally {
        ended = true;
      }
    })(),
  );
  expect(made).toBe(0);
  const reader = stream.getReader();
  await reader.read();
  await reader.read();
  expect(made).toBe(2);
  await reader.cancel();
  expect([made, ended]).toEqual([2, true]);
});
