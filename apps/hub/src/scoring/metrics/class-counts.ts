import { areNumbers, canonical, isNotFinite } from "./label-text.ts";
import { type Cells, ColumnProblem, type WantedColumn } from "./plan.ts";
import { Sum } from "./sum.ts";

/** Weights (rows, without weights) of one class: predicted right, predicted, labelled. */
export interface ClassCount {
  readonly label: string;
  readonly hits: number;
  readonly predicted: number;
  readonly labelled: number;
}

/** A confusion table, reduced to what most metrics need. */
export interface ClassCounts {
  /** The union of labelled and predicted classes, in one fixed order: sums of floats depend on it. */
  readonly classes: readonly ClassCount[];
  /** Of all rows. */
  readonly total: number;
  /** Labels are compared as numbers. */
  readonly numeric: boolean;
}

/** Two label columns with one dictionary. */
export interface PairedLabels {
  readonly target: Uint32Array;
  readonly prediction: Uint32Array;
  /** From a code of either column to its class. */
  readonly classOfTarget: Uint32Array;
  readonly classOfPrediction: Uint32Array;
  readonly classes: readonly string[];
  readonly numeric: boolean;
}

/** @throws ColumnProblem when the labels are numbers and a prediction is NaN or infinite */
export function pairLabels(cells: Cells, target: WantedColumn, prediction: WantedColumn): PairedLabels {
  const truth = cells.labels(target);
  const guess = cells.labels(prediction);
  const numeric = areNumbers(truth.texts);
  if (numeric && guess.texts.some(isNotFinite)) {
    throw new ColumnProblem(prediction, "numeric-label", "A prediction is not a finite number.");
  }
  const codes = new Map<string, number>();
  const classesOf = (texts: readonly string[]) =>
    Uint32Array.from(texts, (text) => {
      const name = canonical(text, numeric);
      const known = codes.get(name);
      if (known !== undefined) return known;
      codes.set(name, codes.size);
      return codes.size - 1;
    });
  const classOfTarget = classesOf(truth.texts);
  const classOfPrediction = classesOf(guess.texts);
  return {
    target: truth.codes,
    prediction: guess.codes,
    classOfTarget,
    classOfPrediction,
    classes: [...codes.keys()],
    numeric,
  };
}

/** Most cells of a table of labelled by predicted that rows are counted in. */
const MAX_CELLS = 1 << 20;

/** Counts per class over the rows of a pair. */
export function countClasses(pair: PairedLabels, weights: Float64Array | null): ClassCounts {
  const { target, prediction, classOfTarget, classOfPrediction, classes, numeric } = pair;
  const tally = createTally(classes.length, weights);
  const total = tally.total(target.length);
  if (!weights && classOfTarget.length * classOfPrediction.length <= MAX_CELLS) {
    countPairs(pair, (truth, guess, rows) => {
      tally.labelled(truth, 0, rows);
      tally.predicted(guess, 0, rows);
      if (truth === guess) tally.hit(truth, 0, rows);
    });
    return { classes: tally.classes(classes), total, numeric };
  }
  for (let row = 0; row < target.length; row += 1) {
    const truth = classOfTarget[target[row] as number] as number;
    const guess = classOfPrediction[prediction[row] as number] as number;
    tally.labelled(truth, row);
    tally.predicted(guess, row);
    if (truth === guess) tally.hit(truth, row);
  }
  return { classes: tally.classes(classes), total, numeric };
}

/** Calls `add` once for each pair of classes that occurs: rows alone need one step each, not three. */
function countPairs(pair: PairedLabels, add: (truth: number, guess: number, rows: number) => void): void {
  const { target, prediction, classOfTarget, classOfPrediction } = pair;
  const width = classOfPrediction.length;
  const cells = new Uint32Array(classOfTarget.length * width);
  for (let row = 0; row < target.length; row += 1) {
    const cell = (target[row] as number) * width + (prediction[row] as number);
    cells[cell] = (cells[cell] as number) + 1;
  }
  for (const [cell, rows] of cells.entries()) {
    if (rows === 0) continue;
    const guess = cell % width;
    add(classOfTarget[(cell - guess) / width] as number, classOfPrediction[guess] as number, rows);
  }
}

/** Adds weights per class; without weights, whole rows, which are exact. */
export function createTally(classes: number, weights: Float64Array | null) {
  const counters = () => (weights ? sums(classes, weights) : counts(classes));
  const [hits, predicted, labelled] = [counters(), counters(), counters()];
  return {
    hit: hits.add,
    predicted: predicted.add,
    labelled: labelled.add,
    total: (rows: number) => {
      if (!weights) return rows;
      const total = new Sum();
      for (const weight of weights) total.add(weight);
      return total.value;
    },
    /** Those that occur, sorted: dictionaries come in an order of their own. */
    classes: (names: readonly string[]): ClassCount[] =>
      names
        .map((label, at) => ({
          label,
          hits: hits.of(at),
          predicted: predicted.of(at),
          labelled: labelled.of(at),
          seen: predicted.seen(at) || labelled.seen(at),
        }))
        .filter((one) => one.seen)
        .sort((a, b) => (a.label < b.label ? -1 : 1)),
  };
}

function counts(classes: number) {
  const numbers = new Float64Array(classes);
  return {
    add: (at: number, _row: number, rows = 1) => {
      numbers[at] = (numbers[at] as number) + rows;
    },
    of: (at: number) => numbers[at] as number,
    seen: (at: number) => numbers[at] !== 0,
  };
}

function sums(classes: number, weights: Float64Array) {
  const totals = Array.from({ length: classes }, () => new Sum());
  const seen = new Uint8Array(classes);
  return {
    add: (at: number, row: number, _rows?: number) => {
      totals[at]?.add(weights[row] as number);
      seen[at] = 1;
    },
    of: (at: number) => totals[at]?.value ?? 0,
    // A row of weight 0 still makes its class one of the classes, as in scikit-learn.
    seen: (at: number) => seen[at] === 1,
  };
}
