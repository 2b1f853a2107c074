import { expect, test } from "bun:test";
import { columnsByKind, withComputed } from "./columns-by-kind.ts";

test("columns are told apart by who works them out, the primary one among them", () => {
  const found = columnsByKind({
    metric: { name: "custom", value: "points", order: "descending" },
    columns: [
      { key: "mse", metric: { name: "mse" }, hidden: false },
      {
        key: "mean",
        metric: { name: "computed", compute: "avg", of: ["mse"], order: "ascending" },
        hidden: true,
      },
    ],
  });
  expect(found.custom).toEqual([{ key: "score", value: "points" }]);
  expect(found.builtIn).toEqual([{ key: "mse", metric: { name: "mse" } }]);
  expect(found.computed).toEqual([{ key: "mean", compute: "avg", of: ["mse"] }]);
});

test.each([
  ["sum", 9],
  ["avg", 3],
  ["min", 1],
  ["max", 5],
] as const)("%s of 1, 3 and 5 is %d", (compute, value) => {
  const computed = [{ key: "all", compute, of: ["a", "b", "c"] }];
  expect(withComputed({ a: 1, b: 3, c: 5 }, computed)).toEqual({ a: 1, b: 3, c: 5, all: value });
});

test("a sum beyond all numbers is refused, and a column that is not there is a fault of ours", () => {
  const computed = [{ key: "all", compute: "sum" as const, of: ["a", "b"] }];
  expect(() => withComputed({ a: 1e308, b: 1e308 }, computed)).toThrow('"all" are too large');
  expect(() => withComputed({ a: 1 }, computed)).toThrow('computed from "b"');
});
