import { UndefinedScore } from "./plan.ts";
import { Sum } from "./sum.ts";

/**
 * The probability that a positive row has a higher score than a negative one, a tie counting half (Hanley and
 * McNeil, Radiology 143, 1982); equals scikit-learn's trapezoids. Without weights it is a ratio of whole numbers.
 * @throws UndefinedScore unless there are rows of both kinds
 */
export function areaUnderRoc(
  isPositive: Uint8Array,
  scores: Float64Array,
  weights: Float64Array | null,
): number {
  return weights ? weightedArea(isPositive, scores, weights) : countedArea(isPositive, scores);
}

function countedArea(isPositive: Uint8Array, scores: Float64Array): number {
  let count = 0;
  for (let row = 0; row < isPositive.length; row += 1) count += isPositive[row] as number;
  const positives = new Float64Array(count);
  const negatives = new Float64Array(isPositive.length - count);
  requireBoth(positives.length, negatives.length);
  let [p, n] = [0, 0];
  for (let row = 0; row < scores.length; row += 1) {
    // Adding 0 makes −0 and 0 a tie; a typed array would sort them apart.
    const score = (scores[row] as number) + 0;
    if (isPositive[row] === 1) positives[p++] = score;
    else negatives[n++] = score;
  }
  positives.sort();
  negatives.sort();
  // Twice the number of pairs in the right order: whole, and exact up to 2^53.
  let doubled = 0;
  let [below, upTo] = [0, 0];
  for (let at = 0; at < positives.length; at += 1) {
    const score = positives[at] as number;
    while (below < negatives.length && (negatives[below] as number) < score) below += 1;
    if (upTo < below) upTo = below;
    while (upTo < negatives.length && (negatives[upTo] as number) === score) upTo += 1;
    doubled += below + upTo;
  }
  return doubled / 2 / (positives.length * negatives.length);
}

function weightedArea(isPositive: Uint8Array, scores: Float64Array, weights: Float64Array): number {
  const order = Uint32Array.from(scores, (_, row) => row).sort(
    (a, b) => (scores[a] as number) - (scores[b] as number) || a - b,
  );
  const [area, positives, negatives] = [new Sum(), new Sum(), new Sum()];
  for (let from = 0; from < order.length; ) {
    const [tied, against] = [new Sum(), new Sum()];
    const score = scores[order[from] as number];
    for (; from < order.length && scores[order[from] as number] === score; from += 1) {
      const row = order[from] as number;
      (isPositive[row] === 1 ? tied : against).add(weights[row] as number);
    }
    area.add(tied.value * (negatives.value + against.value / 2));
    positives.add(tied.value);
    negatives.add(against.value);
  }
  requireBoth(positives.value, negatives.value);
  return area.value / positives.value / negatives.value;
}

function requireBoth(positives: number, negatives: number): void {
  if (positives > 0 && negatives > 0) return;
  throw new UndefinedScore(
    "the area under the ROC curve needs rows with the positive label and rows without it",
  );
}
