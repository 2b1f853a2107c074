import type { ClassCount, ClassCounts } from "./class-counts.ts";
import { canonical } from "./label-text.ts";

export type Average = "binary" | "macro" | "micro" | "weighted";
/** Precision, recall or F of counts; 0 where its denominator is 0 (scikit-learn's zero_division=0). */
export type Rate = (hits: number, predicted: number, labelled: number) => number;

export const precision: Rate = (hits, predicted) => (predicted === 0 ? 0 : hits / predicted);
export const recall: Rate = (hits, _predicted, labelled) => (labelled === 0 ? 0 : hits / labelled);

/** F = (1 + β²)·hits / (β²·labelled + predicted): van Rijsbergen, Information Retrieval (1979), ch. 7. */
export function fScore(beta: number): Rate {
  const square = beta * beta;
  return (hits, predicted, labelled) => {
    const denominator = square * labelled + predicted;
    return denominator === 0 ? 0 : ((1 + square) * hits) / denominator;
  };
}

/** One number from the classes' rates; `positive` is the class that `binary` means. */
export function averaged(
  { classes, numeric }: ClassCounts,
  rate: Rate,
  average: Average,
  positive: string,
): number {
  const one = (c: ClassCount) => rate(c.hits, c.predicted, c.labelled);
  switch (average) {
    case "binary": {
      const found = classes.find((c) => c.label === canonical(positive, numeric));
      return found ? one(found) : 0;
    }
    case "micro":
      return rate(
        sum(classes, (c) => c.hits),
        sum(classes, (c) => c.predicted),
        sum(classes, (c) => c.labelled),
      );
    case "macro":
      return classes.length === 0 ? 0 : sum(classes, one) / classes.length;
    case "weighted": {
      const support = sum(classes, (c) => c.labelled);
      return support === 0 ? 0 : sum(classes, (c) => one(c) * c.labelled) / support;
    }
  }
}

export function accuracy({ classes, total }: ClassCounts): number {
  return sum(classes, (c) => c.hits) / total;
}

/** Gorodkin's R_K; 0 when labels or predictions are all of one class. */
export function matthews({ classes, total }: ClassCounts): number {
  const isSingle = (of: (c: ClassCount) => number) => classes.filter((c) => of(c) > 0).length < 2;
  if (isSingle((c) => c.labelled) || isSingle((c) => c.predicted)) return 0;
  // Products of whole numbers, as scikit-learn has them: shares would lose digits in the differences.
  const covariance = total * sum(classes, (c) => c.hits) - sum(classes, (c) => c.labelled * c.predicted);
  const ofPredicted = total * total - sum(classes, (c) => c.predicted * c.predicted);
  const ofLabelled = total * total - sum(classes, (c) => c.labelled * c.labelled);
  return covariance / (Math.sqrt(ofPredicted) * Math.sqrt(ofLabelled));
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  let total = 0;
  for (const item of items) total += of(item);
  return total;
}
