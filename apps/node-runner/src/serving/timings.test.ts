import { expect, test } from "bun:test";
import { microsecondsOf, timingsOf } from "./timings.ts";

test("a batch was held until the model had answered the one before it", () => {
  expect(timingsOf(100, 104, 110, 5_000)).toEqual({ compute_us: 5_000, held_us: 4_000 });
});

test("a batch that found the model free was not held", () => {
  expect(timingsOf(100, 90, 110, 5_000)).toEqual({ compute_us: 5_000, held_us: 0 });
});

test("a model that claims more time than there was gets what there was", () => {
  expect(timingsOf(100, 104, 110, 9_000_000)).toEqual({ compute_us: 10_000, held_us: 0 });
});

test("nothing is made up for a model that does not say how long it took", () => {
  expect(timingsOf(100, 104, 110, microsecondsOf(undefined))).toEqual({});
  for (const said of [-1, 1.5, "7", null, Number.NaN]) expect(microsecondsOf(said)).toBeNull();
});
