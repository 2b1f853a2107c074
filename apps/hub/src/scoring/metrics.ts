import { METRICS, type MetricName } from "@podium/shared";
import { accuracy, type ClassCounts, f1Binary, f1Macro, f1Micro, f1Weighted } from "./class-counts.ts";

interface Described {
  readonly direction: "ascending" | "descending";
  /** What is computed, in one line, for people. */
  readonly definition: string;
  /** Where the definition is written down. */
  readonly source: string;
}

/** Scored from `d = target − prediction` of every row: `finish(mean of term)`. */
export interface NumberMetric extends Described {
  readonly values: "number";
  /** SQL over the column `d`; never negative. */
  readonly term: "d * d" | "abs(d)";
  /** Largest value of `term`, given the largest `abs(d)`. */
  readonly largestTerm: (largestError: number) => number;
  readonly finish: (mean: number) => number;
}

/** Scored from the per-class counts of a confusion table. */
export interface LabelMetric extends Described {
  readonly values: "label";
  readonly score: (counts: ClassCounts) => number;
}

export type Metric = NumberMetric | LabelMetric;

const REGRESSION =
  "scikit-learn user guide, “Regression metrics”; Hastie et al., The Elements of Statistical Learning, §2.4";
const CLASSIFICATION =
  "scikit-learn user guide, “Classification metrics”; Manning et al., Introduction to Information Retrieval, §8.3";
const ZERO =
  "A class with neither labels nor hits has F1 = 0 (zero_division=0). Classes: the union of labels and predictions.";

const square = (x: number) => x * x;
const same = (x: number) => x;

/** Every metric that a round can name. Direction and kind of values are the shared contract's. */
export const METRIC_CATALOGUE: Readonly<Partial<Record<MetricName, Metric>>> = {
  mse: {
    ...METRICS.mse,
    definition: "Mean of (target − prediction)².",
    source: REGRESSION,
    term: "d * d",
    largestTerm: square,
    finish: same,
  },
  rmse: {
    ...METRICS.rmse,
    definition: "Square root of the mean of (target − prediction)².",
    source: REGRESSION,
    term: "d * d",
    largestTerm: square,
    finish: Math.sqrt,
  },
  mae: {
    ...METRICS.mae,
    definition: "Mean of |target − prediction|.",
    source: REGRESSION,
    term: "abs(d)",
    largestTerm: same,
    finish: same,
  },
  accuracy: {
    ...METRICS.accuracy,
    definition: "Share of rows whose prediction equals the label.",
    source: CLASSIFICATION,
    score: accuracy,
  },
  f1_binary: {
    ...METRICS.f1_binary,
    definition: `F1 = 2·tp / (2·tp + fp + fn) of the positive label alone; 0 when it is neither a label nor predicted.`,
    source: CLASSIFICATION,
    score: f1Binary,
  },
  f1_macro: {
    ...METRICS.f1_macro,
    definition: `Unweighted mean of the classes' F1. ${ZERO}`,
    source: CLASSIFICATION,
    score: f1Macro,
  },
  f1_micro: {
    ...METRICS.f1_micro,
    definition: "F1 of the counts summed over all classes; with one label a row it equals accuracy.",
    source: CLASSIFICATION,
    score: f1Micro,
  },
  f1_weighted: {
    ...METRICS.f1_weighted,
    definition: `Mean of the classes' F1, weighted by how many labels each has. ${ZERO}`,
    source: CLASSIFICATION,
    score: f1Weighted,
  },
};
