import { describe, expect, test } from "bun:test";
import { isDecomposable, METRICS, metricSpecSchema } from "@podium/shared";
import { seededRandom } from "../tables/test-files.ts";
import { UndefinedScore } from "./plan.ts";
import { reference } from "./testing/by-definition.ts";
import { drawCase, SPECS, tableOf } from "./testing/cases.ts";
import { cellsFrom, planFor, scoreOf, type Table } from "./testing/cells.ts";

const numbers = (y: number[], prediction: number[], more: Table["labels"] = {}): Table => ({
  labels: { y, ...more },
  predictions: { prediction },
});
const texts = (y: string[], prediction: string[], more: Table["labels"] = {}): Table => ({
  labels: { y, ...more },
  predictions: { prediction },
});

test("every metric agrees with its definition worked out row by row, to 1e-12", () => {
  const random = seededRandom(77);
  for (let round = 0; round < 10; round += 1) {
    for (const metric of SPECS) {
      const one = drawCase(metric, random);
      const { metric: named, table } = tableOf(one);
      const [ours, theirs] = [scoreOf(named, table), reference(one)];
      if (Math.abs(ours - theirs) <= 1e-12 * Math.max(1, Math.abs(theirs))) continue;
      expect({ metric: named, score: ours }).toEqual({ metric: named, score: theirs });
    }
  }
});

test("the values of rows have the score as their weighted mean, for every metric that decomposes and no other", () => {
  const random = seededRandom(5);
  for (const metric of SPECS) {
    const one = drawCase(metric, random);
    const { metric: named, table } = tableOf(one);
    const plan = planFor(named);
    expect([named, plan.rowValues !== undefined]).toEqual([
      named,
      isDecomposable(metricSpecSchema.parse(named)),
    ]);
    if (!plan.rowValues) continue;
    const values = plan.rowValues(cellsFrom(table));
    const weights = one.weight ?? Array.from(values, () => 1);
    const mean =
      values.reduce((sum, value, row) => sum + value * (weights[row] as number), 0) /
      weights.reduce((sum, weight) => sum + weight, 0);
    const score = scoreOf(named, table);
    expect(one.spec.name === "rmse" ? Math.sqrt(mean) : mean).toBeCloseTo(score, 10);
  }
});

describe("numbers", () => {
  test("R² of a constant target is 1 when it is met, else 0; of one row it is undefined", () => {
    expect(scoreOf({ name: "r2" }, numbers([0.1, 0.1, 0.1], [0.1, 0.1, 0.1]))).toBe(1);
    expect(scoreOf({ name: "r2" }, numbers([0.1, 0.1, 0.1], [0.1, 0.1, 0.2]))).toBe(0);
    expect(() => scoreOf({ name: "r2" }, numbers([1], [1]))).toThrow(UndefinedScore);
  });

  test("MAPE of a zero target divides by the smallest double beside 1, as scikit-learn", () => {
    expect(scoreOf({ name: "mape" }, numbers([0, 2], [1, 2]))).toBe(2 ** 52 / 2);
  });

  test("sMAPE: two zeros are no error; a zero against anything else is the worst, 2", () => {
    expect(scoreOf({ name: "smape" }, numbers([0, 0, 3], [0, 5, 1]))).toBeCloseTo((0 + 2 + 1) / 3, 15);
  });

  test("MASE divides by the naive forecast's error, one for all rows or each row's own", () => {
    expect(scoreOf({ name: "mase", scale: 2 }, numbers([1, 5], [2, 2]))).toBe(1);
    const own = numbers([1, 5], [2, 2], { s: [1, 6] });
    expect(scoreOf({ name: "mase", scale_field: "s" }, own)).toBe(0.75);
  });

  test("within a tolerance, the edge counts as right; angles meet at 360", () => {
    const rows = numbers([10, 10, 10, 359.5], [11, 9, 11.01, 0.5]);
    expect(scoreOf({ name: "accuracy_within", tolerance: 1 }, rows)).toBe(0.5);
    expect(scoreOf({ name: "accuracy_within", tolerance: 1, period: 360 }, rows)).toBe(0.75);
  });
});

describe("labels", () => {
  test("no positives, none predicted: precision, recall and F are 0", () => {
    for (const name of ["precision", "recall", "f1"]) {
      expect(scoreOf({ name }, texts(["0", "0"], ["0", "0"]))).toBe(0);
    }
  });

  test("F-beta with beta 2 weighs recall four times: tp 1, fp 1, fn 3 → 5/(5 + 12 + 1)", () => {
    const rows = texts(["1", "1", "1", "1", "0"], ["1", "0", "0", "0", "1"]);
    expect(scoreOf({ name: "fbeta", beta: 2 }, rows)).toBeCloseTo(5 / 18, 15);
  });

  test("MCC is 0 when one side is constant; kappa is 1 when both are the same class, 0 when only one is constant", () => {
    expect(scoreOf({ name: "mcc" }, texts(["a", "b"], ["a", "a"]))).toBe(0);
    expect(scoreOf({ name: "kappa" }, texts(["a", "a"], ["a", "a"]))).toBe(1);
    expect(scoreOf({ name: "kappa" }, texts(["a", "b"], ["a", "a"]))).toBe(0);
  });

  test("weighted kappa goes by the order of classes: by numbers, or as named", () => {
    const rows = texts(["2", "10", "9", "2"], ["10", "9", "9", "2"]);
    const byNumber = scoreOf({ name: "kappa", weights: "linear" }, rows);
    expect(byNumber).toBe(scoreOf({ name: "kappa", weights: "linear", classes: ["2", "9", "10"] }, rows));
    expect(byNumber).not.toBe(scoreOf({ name: "kappa", weights: "linear", classes: ["2", "10", "9"] }, rows));
    expect(() => scoreOf({ name: "kappa", weights: "linear", classes: ["2", "9"] }, rows)).toThrow(
      UndefinedScore,
    );
  });

  test("sets of labels: blanks and repeats do not matter, empty against empty is 0", () => {
    const rows = texts(["a b", "", "c"], ["b  b", "", "c d"]);
    expect(scoreOf({ name: "f1", average: "samples" }, rows)).toBeCloseTo((2 / 3 + 0 + 2 / 3) / 3, 15);
  });
});

describe("scores", () => {
  test("AUC: ties count half; −0 and 0 are a tie; one class alone is undefined", () => {
    const rows = (y: string[], prediction: number[]): Table => ({
      labels: { y },
      predictions: { prediction },
    });
    expect(scoreOf({ name: "roc_auc" }, rows(["1", "0"], [0.5, 0.5]))).toBe(0.5);
    expect(scoreOf({ name: "roc_auc" }, rows(["1", "0"], [-0, 0]))).toBe(0.5);
    expect(scoreOf({ name: "roc_auc" }, rows(["1", "0", "1"], [0.9, 0.5, 0.1]))).toBe(0.5);
    expect(() => scoreOf({ name: "roc_auc" }, rows(["1", "1"], [1, 2]))).toThrow(UndefinedScore);
  });

  test("log loss of a sure and wrong answer is −ln ε, not infinity", () => {
    const rows: Table = { labels: { y: ["1", "0"] }, predictions: { prediction: [0, 0] } };
    expect(scoreOf({ name: "log_loss" }, rows)).toBeCloseTo((52 * Math.LN2) / 2, 12);
  });

  test("top-k of ranked lists: numbers meet however they are written", () => {
    const rows = texts(["1", "2"], ["3 1.0", "3 4 2"]);
    expect(scoreOf({ name: "top_k", k: 2 }, rows)).toBe(0.5);
  });

  test("a label outside the classes is the labels' fault", () => {
    const rows: Table = { labels: { y: ["a", "z"] }, predictions: { p_a: [1, 0], p_b: [0, 1] } };
    expect(() => scoreOf({ name: "log_loss", classes: ["a", "b"] }, rows)).toThrow(UndefinedScore);
  });
});

describe("texts", () => {
  test("character errors: kitten → sitting has 3, over 7 characters", () => {
    expect(scoreOf({ name: "cer" }, texts(["sitting"], ["kitten"]))).toBe(3 / 7);
  });

  test("word errors add up over rows before they are divided", () => {
    expect(scoreOf({ name: "wer" }, texts(["a b c", "d"], ["a x c", "d e"]))).toBe(2 / 4);
  });

  test("é is é in any Unicode form unless forms are compared too; an emoji is one character", () => {
    const rows = texts(["caf\u00e9😀"], ["cafe\u0301😀"]);
    expect(scoreOf({ name: "cer" }, rows)).toBe(0);
    expect(scoreOf({ name: "cer", normalize: "none" }, rows)).toBe(2 / 5);
  });

  test("case and blanks can be left out; empty targets alone are undefined", () => {
    expect(scoreOf({ name: "cer", ignore_case: true, ignore_spaces: true }, texts(["A b"], ["aB"]))).toBe(0);
    expect(() => scoreOf({ name: "wer" }, texts([""], ["a"]))).toThrow(UndefinedScore);
  });

  test("corrections: of two typos one is mended, and one right word is spoiled → precision 1/2, recall 1/2", () => {
    const rows = texts(["the quick fox ran"], ["the quick fix run"], { typed: ["teh quick fix ran"] });
    // needed: teh → the, fix → fox; made: teh → the, ran → run
    expect(scoreOf({ name: "correction_f1", source_field: "typed", unit: "word" }, rows)).toBe(0.5);
    const untouched = texts(["a"], ["a"], { typed: ["a"] });
    expect(scoreOf({ name: "correction_f1", source_field: "typed" }, untouched)).toBe(1);
  });

  test("edits go the shortest way, as a plain recursion finds it", () => {
    const random = seededRandom(9);
    const word = () =>
      Array.from({ length: Math.floor(random() * 7) }, () => "ab "[Math.floor(random() * 3)]);
    for (let round = 0; round < 200; round += 1) {
      const [y, prediction] = [`x${word().join("")}x`, `x${word().join("")}x`];
      const steps = (a: string, b: string): number =>
        a === "" || b === ""
          ? a.length + b.length
          : Math.min(
              steps(a.slice(1), b.slice(1)) + (a[0] === b[0] ? 0 : 1),
              steps(a.slice(1), b) + 1,
              steps(a, b.slice(1)) + 1,
            );
      expect(scoreOf({ name: "cer" }, texts([y], [prediction]))).toBe(steps(prediction, y) / y.length);
    }
  });
});

test("every metric has a plan, and its direction is that of its score", () => {
  for (const name of Object.keys(METRICS)) {
    const needed = { tolerance: 1, k: 1, beta: 2, scale: 1, source_field: "typed" };
    const options = METRICS[name as keyof typeof METRICS].options;
    const given = Object.fromEntries(Object.entries(needed).filter(([option]) => option in options));
    expect(planFor({ name, ...given }).columns.length).toBeGreaterThan(1);
  }
});
