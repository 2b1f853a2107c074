import type { MetricSpec } from "@podium/shared";
import { accuracy, averaged, fScore, matthews, precision, type Rate, recall } from "./averages.ts";
import { type ClassCounts, countClasses, pairLabels } from "./class-counts.ts";
import { predictionOf, present, type RoundColumns, targetOf, weightOf, weightsIn } from "./columns.ts";
import { kappa } from "./kappa.ts";
import { type AveragedSpec, setPlan } from "./label-sets.ts";
import type { Cells, Plan } from "./plan.ts";

type LabelSpec =
  | AveragedSpec
  | Extract<
      MetricSpec,
      { name: "accuracy" | "f1_binary" | "f1_macro" | "f1_micro" | "f1_weighted" | "mcc" | "kappa" }
    >;

/** Metrics that compare labels for equality. */
export function labelPlan(spec: LabelSpec, round: RoundColumns): Plan {
  if ("average" in spec && (spec.average === "samples" || spec.separator !== undefined)) {
    return setPlan(spec, round, rateOf(spec));
  }
  const [target, prediction] = [targetOf(spec, round, "label"), predictionOf(spec, round, "label")];
  const weight = weightOf(spec);
  const plan = { columns: present([target, prediction, weight]), weight };
  const paired = (cells: Cells) => pairLabels(cells, target, prediction);
  if (spec.name === "kappa") {
    return { ...plan, score: (cells) => kappa(paired(cells), weightsIn(cells, weight), spec) };
  }
  const score = (cells: Cells) => scoreOf(spec, countClasses(paired(cells), weightsIn(cells, weight)));
  return spec.name === "accuracy"
    ? { ...plan, score, rowValues: (cells) => hitsOf(paired(cells)) }
    : { ...plan, score };
}

function scoreOf(spec: Exclude<LabelSpec, { name: "kappa" }>, counts: ClassCounts): number {
  switch (spec.name) {
    case "accuracy":
      return accuracy(counts);
    case "mcc":
      return matthews(counts);
    case "f1_binary":
      return averaged(counts, fScore(1), "binary", spec.positive_label);
    case "f1_macro":
      return averaged(counts, fScore(1), "macro", "");
    case "f1_micro":
      return averaged(counts, fScore(1), "micro", "");
    case "f1_weighted":
      return averaged(counts, fScore(1), "weighted", "");
    default: {
      if (spec.average === "samples") throw new RangeError("Averages over rows are computed from sets.");
      return averaged(counts, rateOf(spec), spec.average, spec.positive_label ?? "1");
    }
  }
}

function rateOf(spec: AveragedSpec): Rate {
  if (spec.name === "precision") return precision;
  if (spec.name === "recall") return recall;
  return fScore(spec.name === "fbeta" ? spec.beta : 1);
}

function hitsOf(pair: ReturnType<typeof pairLabels>): Float64Array {
  const { target, prediction, classOfTarget, classOfPrediction } = pair;
  return Float64Array.from(target, (code, row) =>
    classOfTarget[code] === classOfPrediction[prediction[row] as number] ? 1 : 0,
  );
}
