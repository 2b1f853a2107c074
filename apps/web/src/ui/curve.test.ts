import { expect, test } from "bun:test";
import { curvePath, shareOf } from "./curve.ts";

const span = { fromMs: 0, toMs: 100, stepMs: 10 };
const box = { width: 200, height: 50 };

test("a full share is at the top, none at the bottom, and time goes to the right", () => {
  const moments = [
    { atMs: 0, share: 0 },
    { atMs: 10, share: 1 },
    { atMs: 20, share: 0.5 },
  ];
  expect(curvePath(moments, span, box)).toBe("M0 50L20 0L40 25");
});

test("the line breaks off where nothing is known and where nobody measured", () => {
  const moments = [
    { atMs: 0, share: 1 },
    { atMs: 10, share: null },
    { atMs: 20, share: 1 },
    { atMs: 80, share: 1 },
  ];
  expect(curvePath(moments, span, box)).toBe("M0 0M40 0M160 0");
  expect([shareOf(1, 4), shareOf(0, 0)]).toEqual([0.25, null]);
});
