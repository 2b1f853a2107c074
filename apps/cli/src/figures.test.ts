import { expect, test } from "bun:test";
import { formatAmount, formatMemory, formatShare, meanOf } from "./figures.ts";

test("what is not known is a dash, not zero", () => {
  expect([formatShare(0), formatShare(0.806), formatShare(null)]).toEqual(["0 %", "81 %", "–"]);
  expect([formatMemory(2 ** 30, 2 ** 31), formatMemory(0), formatMemory(undefined)]).toEqual([
    "1.0 GiB of 2.0 GiB",
    "0 B",
    "–",
  ]);
  expect([formatAmount(61.4, "°C"), formatAmount(null, "W")]).toEqual(["61 °C", "–"]);
});

test("a mean is that of what is known", () => {
  expect([meanOf([1, null, 3]), meanOf([null]), meanOf([])]).toEqual([2, null, null]);
});
