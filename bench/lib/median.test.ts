import { expect, test } from "bun:test";
import { median } from "./median.ts";

test("the median ignores order and size of the rest", () => {
  expect(median([100, 1, 2])).toBe(2);
  expect(median([10, 9, 1, 2])).toBe(5.5);
  expect(median([7])).toBe(7);
  expect(median([])).toBeNaN();
});
