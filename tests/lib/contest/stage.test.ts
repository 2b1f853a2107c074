import { expect, test } from "bun:test";
import { modelsOfEach } from "./stage.ts";

const sum = (all: readonly number[]) => all.reduce((total, each) => total + each, 0);

test.each([
  { entrants: 93, models: 3907, maximum: 400 },
  { entrants: 58, models: 5267, maximum: 732 },
  { entrants: 1, models: 2008, maximum: 2008 },
  { entrants: 5, models: 7, maximum: 3 },
])("$models models of $entrants entrants, at most $maximum each", (of) => {
  const counts = modelsOfEach({ name: "stage", perSecond: null, ...of });

  expect(counts).toHaveLength(of.entrants);
  expect(sum(counts)).toBe(of.models);
  expect(Math.max(...counts)).toBe(of.maximum);
  expect(Math.min(...counts)).toBeGreaterThanOrEqual(1);
});

test("more models than the entrants may have are refused", () => {
  expect(() => modelsOfEach({ name: "s", perSecond: null, entrants: 2, models: 9, maximum: 4 })).toThrow();
});
