/** Counts of one class: hits, wrongly predicted, missed. `tp + fn` is its number of labels (support). */
export interface OneClass {
  readonly label: string;
  readonly tp: number;
  readonly fp: number;
  readonly fn: number;
}

/** A confusion table, reduced to what the metrics need. All numbers are rows, save `unknown.classes`. */
export interface ClassCounts {
  /** Classes that have labels, in one fixed order: sums of floats depend on it. */
  readonly classes: readonly OneClass[];
  /** Classes that were predicted but label no row: each has tp = fn = 0, so F1 = 0. */
  readonly unknown: { readonly classes: number; readonly fp: number };
  /** The positive class of `f1_binary`, in the same spelling as `classes[].label`. */
  readonly positive: string;
}

/** F1 = 2·tp / (2·tp + fp + fn), the harmonic mean of precision and recall; 0 when all three are 0. */
export function f1(tp: number, fp: number, fn: number): number {
  const denominator = 2 * tp + fp + fn;
  return denominator === 0 ? 0 : (2 * tp) / denominator;
}

/** Share of rows predicted right. */
export function accuracy({ classes }: ClassCounts): number {
  return sum(classes, (c) => c.tp) / sum(classes, support);
}

/** F1 of the positive class; 0 when it labels no row, whatever was predicted. */
export function f1Binary({ classes, positive }: ClassCounts): number {
  const found = classes.find((c) => c.label === positive);
  return found ? f1(found.tp, found.fp, found.fn) : 0;
}

/** Mean of F1 over the union of labelled and predicted classes. */
export function f1Macro({ classes, unknown }: ClassCounts): number {
  return sum(classes, (c) => f1(c.tp, c.fp, c.fn)) / (classes.length + unknown.classes);
}

/** F1 of the pooled counts. */
export function f1Micro({ classes, unknown }: ClassCounts): number {
  const fp = sum(classes, (c) => c.fp) + unknown.fp;
  return f1(
    sum(classes, (c) => c.tp),
    fp,
    sum(classes, (c) => c.fn),
  );
}

/** Mean of F1 weighted by support; a class without labels weighs nothing. */
export function f1Weighted({ classes }: ClassCounts): number {
  return sum(classes, (c) => f1(c.tp, c.fp, c.fn) * support(c)) / sum(classes, support);
}

const support = (c: OneClass) => c.tp + c.fn;

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  let total = 0;
  for (const item of items) total += of(item);
  return total;
}
