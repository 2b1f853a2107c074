import { expect, test } from "bun:test";
import { wholeRecords } from "./whole-records.ts";

const points = [{ seq: 1 }, { seq: 1 }, { seq: 2 }, { seq: 2 }];

test("a report that a full page cuts in two is left for the next page", () => {
  expect(wholeRecords(points, 4)).toEqual([{ seq: 1 }, { seq: 1 }]);
});

test("a page that is not full has only whole reports", () => {
  expect(wholeRecords(points, 5)).toEqual(points);
  expect(wholeRecords([], 5)).toEqual([]);
});

test("a report larger than a page does not stop the reading", () => {
  expect(wholeRecords([{ seq: 7 }, { seq: 7 }], 2)).toEqual([{ seq: 7 }, { seq: 7 }]);
});
