import { expect, test } from "bun:test";
import { type Compared, probingIn, SMALL_STEPS, similarity } from "./rules.ts";

/** A sketch whose first `changed` bins are other ones. */
function sketch(changed: number, by: number): string {
  const bins = Uint32Array.from({ length: 256 }, (_, bin) => (bin < changed ? 1000 + by : bin));
  return Buffer.from(bins.buffer).toString("base64");
}
const made = (n: number, changed: number): Compared => ({
  id: `sub_${n}`,
  digest: `d${n}`,
  sketch: sketch(changed, n),
});
const series = (count: number, changed: number) => Array.from({ length: count }, (_, n) => made(n, changed));

test("submissions that differ from one another in few rows are a pattern once there are enough of them", () => {
  expect(probingIn(series(SMALL_STEPS, 2))).toBeNull();
  expect(probingIn(series(SMALL_STEPS + 1, 2))).toEqual({ small: SMALL_STEPS, steps: SMALL_STEPS });
});

test("models that are trained anew differ in many rows, and are none", () => {
  expect(probingIn(series(30, 100))).toBeNull();
});

test("the same answers again ask nothing new, and what has no sketch can't be compared", () => {
  expect(probingIn(Array.from({ length: 30 }, () => made(1, 2)))).toBeNull();
  expect(similarity(made(1, 2), { id: "x", digest: null, sketch: null })).toBeNull();
});
