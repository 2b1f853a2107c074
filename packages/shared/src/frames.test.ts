import { expect, test } from "bun:test";
import { decodeFrame, encodeFrame, FrameError, FrameReader } from "./frames.ts";

const frames = [
  { meta: { type: "a" }, tail: new Uint8Array([1, 2, 3]) },
  { meta: { type: "ü", list: [1, 2] }, tail: new Uint8Array(0) },
  { meta: { type: "large" }, tail: new Uint8Array(100_000).fill(7) },
];
const stream = Buffer.concat(frames.map(({ meta, tail }) => encodeFrame(meta, [tail])));

test.each([1, 2, 7, 8, 9, 1000, 65_536, stream.byteLength])(
  "a stream cut every %d bytes gives the same frames",
  (size) => {
    const reader = new FrameReader();
    const got: { meta: unknown; tail: Uint8Array }[] = [];
    for (let at = 0; at < stream.byteLength; at += size) {
      const chunk = Uint8Array.from(stream.subarray(at, at + size));
      got.push(...reader.push(chunk));
      chunk.fill(0);
    }
    expect(got.map(({ meta }) => meta)).toEqual(frames.map(({ meta }) => meta));
    expect(got.map(({ tail }) => Bun.hash(tail))).toEqual(frames.map(({ tail }) => Bun.hash(tail)));
  },
);

test("a tail may come in pieces", () => {
  const { tail } = decodeFrame(encodeFrame({}, [new Uint8Array([1]), new Uint8Array([2, 3])]));
  expect([...tail]).toEqual([1, 2, 3]);
});

test("a length that nobody can mean is an error, not an allocation", () => {
  expect(() => new FrameReader().push(new Uint8Array([255, 255, 255, 255, 0, 0, 0, 0]))).toThrow(FrameError);
});

test("lengths that contradict each other are an error", () => {
  const frame = encodeFrame({ a: 1 });
  new DataView(frame.buffer).setUint32(4, 1_000_000, true);
  expect(() => decodeFrame(frame)).toThrow(FrameError);
});
