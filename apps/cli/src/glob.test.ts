import { expect, test } from "bun:test";
import { matches } from "./glob.ts";

test("a star is any part of a name, never of two", () => {
  expect(matches("ann/films/*", "ann/films/12")).toBe(true);
  expect(matches("ann/*", "ann/films/12")).toBe(false);
  expect(matches("*/films/1?", "ann/films/12")).toBe(true);
  expect(matches("ann/fi.ms/1", "ann/films/1")).toBe(false);
  expect(matches("ann/a+b/*", "ann/a+b/3")).toBe(true);
  expect(matches("epoch-[1]", "epoch-[1]")).toBe(true);
});
