import type { MetricSpec } from "@podium/shared";
import type { PairedLabels } from "./class-counts.ts";
import { canonical, inOrder } from "./label-text.ts";
import { UndefinedScore } from "./plan.ts";
import { Sum } from "./sum.ts";

type KappaSpec = Extract<MetricSpec, { name: "kappa" }>;

/** A square table of this many classes is what is counted at most. */
const MAX_CLASSES = 1_000;

/**
 * Cohen's kappa: 1 − Σ w·observed / Σ w·expected, with w = 1 off the diagonal, |i − j| or (i − j)² by places in the
 * order of classes (Cohen 1960, 1968). Labels and predictions all of one and the same class: 1.
 * @throws UndefinedScore for more than 1,000 classes, or classes that the given order lacks
 */
export function kappa(pair: PairedLabels, weights: Float64Array | null, spec: KappaSpec): number {
  const places = placesOf(pair, spec);
  const size = 1 + Math.max(...places.values());
  if (size > MAX_CLASSES) throw new UndefinedScore(`kappa is computed for at most ${MAX_CLASSES} classes`);
  const observed = Array.from({ length: size * size }, () => new Sum());
  const placeOf = Array.from(pair.classes, (name) => places.get(name) as number);
  for (let row = 0; row < pair.target.length; row += 1) {
    const truth = placeOf[pair.classOfTarget[pair.target[row] as number] as number] as number;
    const guess = placeOf[pair.classOfPrediction[pair.prediction[row] as number] as number] as number;
    observed[truth * size + guess]?.add(weights ? (weights[row] as number) : 1);
  }
  return disagreement(
    observed.map((cell) => cell.value),
    size,
    spec.weights,
  );
}

function placesOf(pair: PairedLabels, spec: KappaSpec): Map<string, number> {
  const order =
    spec.classes?.map((name) => canonical(name, pair.numeric)) ?? inOrder(usedIn(pair), pair.numeric);
  const places = new Map(order.map((name, at) => [name, at]));
  if (usedIn(pair).some((name) => !places.has(name))) {
    throw new UndefinedScore(
      "a class is labelled or predicted that the metric's `classes` do not name, so it has no place in their order",
    );
  }
  return places;
}

/** The classes of these rows; a part of the rows may lack some of the file's. */
function usedIn(pair: PairedLabels): string[] {
  const used = new Uint8Array(pair.classes.length);
  for (const code of pair.target) used[pair.classOfTarget[code] as number] = 1;
  for (const code of pair.prediction) used[pair.classOfPrediction[code] as number] = 1;
  return pair.classes.filter((_, at) => used[at] === 1);
}

function disagreement(observed: readonly number[], size: number, kind: KappaSpec["weights"]): number {
  const cell = (truth: number, guess: number) => observed[truth * size + guess] as number;
  const places = Array.from({ length: size }, (_, at) => at);
  const total = (of: (place: number) => number) => places.reduce((sum, place) => sum + of(place), 0);
  const labelled = places.map((truth) => total((guess) => cell(truth, guess)));
  const predicted = places.map((guess) => total((truth) => cell(truth, guess)));
  const all = total((place) => labelled[place] as number);
  const distance = (a: number, b: number) =>
    kind === "none" ? Number(a !== b) : kind === "linear" ? Math.abs(a - b) : (a - b) ** 2;
  let [seen, expected] = [0, 0];
  for (const truth of places) {
    for (const guess of places) {
      const weight = distance(truth, guess);
      seen += weight * cell(truth, guess);
      expected += weight * (labelled[truth] as number) * ((predicted[guess] as number) / all);
    }
  }
  return expected === 0 ? 1 : 1 - seen / expected;
}
