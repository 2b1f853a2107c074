import { expect, test } from "bun:test";
import { FrameJoiner } from "./frame-joiner.ts";
import { encodeFrame, FrameError, framePieces } from "./frames.ts";

const large = new Uint8Array(100_000).fill(7);
const tail = [new Uint8Array([1, 2]), large, new Uint8Array([3]), large.subarray(0, 50_000)];

test("the pieces of a frame are the frame, its large parts uncopied", () => {
  const pieces = framePieces({ type: "ü" }, tail);
  expect(Buffer.concat(pieces)).toEqual(Buffer.from(encodeFrame({ type: "ü" }, tail, 8)));
  expect(pieces[1]).toBe(large);
});

test("what is small is one piece", () => {
  expect(framePieces({}, [new Uint8Array([1]), new Uint8Array([2])])).toHaveLength(1);
});

test("a frame in several messages has its whole tail, and the next frame its own", () => {
  const joiner = new FrameJoiner();
  const messages = framePieces({ n: 1 }, tail);
  expect(messages.slice(0, -1).map((message) => joiner.push(message))).toEqual([null, null, null]);
  const whole = joiner.push(messages.at(-1) as Uint8Array);
  expect(whole?.meta).toEqual({ n: 1 });
  expect(Bun.hash(Buffer.concat(whole?.tail ?? []))).toBe(Bun.hash(Buffer.concat(tail)));
  expect(joiner.push(encodeFrame({ n: 2 }))).toEqual({ meta: { n: 2 }, tail: [] });
});

test("more bytes than the frame lacks are an error", () => {
  const joiner = new FrameJoiner();
  const [head = new Uint8Array()] = framePieces({}, [large]);
  joiner.push(head);
  expect(() => joiner.push(new Uint8Array(large.byteLength + 1))).toThrow(FrameError);
});

test("a frame that nobody can mean is an error, not a wait for it", () => {
  const head = encodeFrame({});
  new DataView(head.buffer).setUint32(0, 0xff_ff_ff_ff, true);
  expect(() => new FrameJoiner().push(head)).toThrow(FrameError);
});
