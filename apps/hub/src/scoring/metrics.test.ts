import { expect, test } from "bun:test";
import { METRICS, metricNameSchema } from "@podium/shared";
import { type ClassCounts, f1 } from "./class-counts.ts";
import { type LabelMetric, METRIC_CATALOGUE } from "./metrics.ts";

// Labels: 5 cat, 3 dog, 2 eel. Predicted: cat → 4 cat, 1 dog; dog → 2 dog, 1 cat; eel → 1 eel, 1 fox.
//   cat: tp 4, fp 1 (a dog), fn 1 → F1 = 8/10 = 0.8      dog: tp 2, fp 1 (a cat), fn 1 → 4/6
//   eel: tp 1, fp 0, fn 1 → 2/3                          fox: tp 0, fp 1, fn 0 → 0
const ANIMALS: ClassCounts = {
  classes: [
    { label: "cat", tp: 4, fp: 1, fn: 1 },
    { label: "dog", tp: 2, fp: 1, fn: 1 },
    { label: "eel", tp: 1, fp: 0, fn: 1 },
  ],
  unknown: { classes: 1, fp: 1 },
  positive: "cat",
};

const score = (name: keyof typeof METRICS, counts: ClassCounts) =>
  (METRIC_CATALOGUE[name] as LabelMetric).score(counts);

test("every metric that a round can name is in the catalogue, with the contract's direction", () => {
  expect(Object.keys(METRIC_CATALOGUE).sort()).toEqual(metricNameSchema.options.toSorted());
  for (const name of metricNameSchema.options) expect(METRIC_CATALOGUE[name]).toMatchObject(METRICS[name]);
  expect(METRICS.mse.direction).toBe("ascending");
  expect(METRICS.accuracy.direction).toBe("descending");
});

test("accuracy is hits over rows: 7 of 10", () => {
  expect(score("accuracy", ANIMALS)).toBe(0.7);
});

test("macro F1 counts a class that was only predicted: (0.8 + 2/3 + 2/3 + 0) / 4 = 8/15", () => {
  expect(score("f1_macro", ANIMALS)).toBeCloseTo(8 / 15, 15);
});

test("micro F1 pools the counts: tp 7, fp 3, fn 3 → 14/20", () => {
  expect(score("f1_micro", ANIMALS)).toBe(0.7);
});

test("weighted F1 weighs by labels: (5·0.8 + 3·2/3 + 2·2/3) / 10 = 11/15", () => {
  expect(score("f1_weighted", ANIMALS)).toBeCloseTo(11 / 15, 15);
});

test("binary F1 is that of the positive label; a label that never occurs gives 0, not NaN", () => {
  expect(score("f1_binary", ANIMALS)).toBe(0.8);
  expect(score("f1_binary", { ...ANIMALS, positive: "fox" })).toBe(0);
  expect(score("f1_binary", { ...ANIMALS, positive: "yak" })).toBe(0);
  expect(f1(0, 0, 0)).toBe(0);
});
