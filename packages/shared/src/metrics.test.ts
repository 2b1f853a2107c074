import { describe, expect, test } from "bun:test";
import { isDecomposable, METRICS, metricSpecSchema, scoreSplitSchema } from "./metrics.ts";

/** What a bare name lacks. */
const NEEDED = {
  accuracy_within: { tolerance: 1 },
  top_k: { k: 3 },
  fbeta: { beta: 0.5 },
  mase: { scale: 2 },
  correction_f1: { source_field: "typed" },
} as Record<string, object>;

test("every metric can be named, with its defaults filled in", () => {
  for (const name of Object.keys(METRICS)) {
    expect(metricSpecSchema.parse({ name, ...NEEDED[name] })).toMatchObject({ name, ...NEEDED[name] });
  }
  expect(metricSpecSchema.parse({ name: "f1" })).toEqual({ name: "f1", average: "binary" });
});

describe("what is wrong with a metric is said in words", () => {
  test.each([
    [{ name: "msr" }, "must name one of the metrics: mse, rmse"],
    [{ name: "mse", k: 3 }, 'mse has no option "k"; it has target_field, prediction_field'],
    [{ name: "f1", average: "macro", positive_label: "1" }, "is for average binary only"],
    [{ name: "f1", separator: " " }, "is for rows of several labels"],
    [{ name: "mase" }, "either scale or scale_field"],
    [{ name: "mase", scale: 1, scale_field: "s" }, "either scale or scale_field"],
    [{ name: "accuracy_within", tolerance: 200, period: 360 }, "at most half the period"],
    [{ name: "top_k", k: 3, classes: ["a", "b", "c"] }, "smaller than the number of classes"],
    [{ name: "log_loss", classes: ["a", "a"] }, "names a class twice"],
    [{ name: "log_loss", classes: ["a", "b"], positive_label: "a" }, "can't stand beside classes"],
    [{ name: "kappa", classes: ["a", "b"] }, "only matters with weights"],
    [{ name: "mse", target_fields: ["a", "b"], target_field: "a" }, "can't stand beside target_fields"],
    [{ name: "mse", target_fields: ["a", "a"] }, "names a column twice"],
  ])("%p", (metric, words) => {
    const said = metricSpecSchema.safeParse(metric).error?.issues.map((issue) => issue.message);
    expect(said?.join("\n")).toContain(words);
  });
});

test("an average over rows has a loss per row, an average over classes has none", () => {
  const decomposable = (metric: object) => isDecomposable(metricSpecSchema.parse(metric));
  expect(decomposable({ name: "rmse" })).toBe(true);
  expect(decomposable({ name: "f1", average: "samples" })).toBe(true);
  expect(decomposable({ name: "f1", average: "macro" })).toBe(false);
  expect(decomposable({ name: "roc_auc" })).toBe(false);
});

test("a split is a column or a drawn share, not both", () => {
  expect(scoreSplitSchema.parse({ field: "usage" })).toEqual({ field: "usage", public: "public" });
  expect(scoreSplitSchema.safeParse({ field: "usage", share: 0.5 }).success).toBe(false);
  expect(scoreSplitSchema.safeParse({ share: 0.5 }).success).toBe(false);
});
