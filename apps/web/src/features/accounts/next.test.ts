import { expect, test } from "bun:test";
import { safeNext } from "./next.ts";

test("after the log-in one is back where one wanted to go", () => {
  expect(safeNext("/competitions/movie-score?round=two")).toBe("/competitions/movie-score?round=two");
  expect(safeNext(null)).toBe("/");
});

test("a link can't send the one who logs in to another site", () => {
  for (const evil of [
    "//evil.example",
    "/\\evil.example",
    "https://evil.example",
    "javascript:alert(1)",
    "",
  ]) {
    expect(safeNext(evil)).toBe("/");
  }
});
