import { z } from "zod";
import {
  aucOptions,
  averagedOptions,
  betaOptions,
  binaryOptions,
  characterOptions,
  correctionOptions,
  kappaOptions,
  labelOptions,
  maseOptions,
  numberOptions,
  scoreOptions,
  textOptions,
  topKOptions,
  withinOptions,
} from "./metric-options.ts";

interface MetricKind {
  /** `ascending`: a smaller score is better (losses); `descending`: a larger one is. */
  readonly direction: "ascending" | "descending";
  /**
   * What is compared. `number`: finite numbers. `label`: labels, as text. `score`: a label with the number(s) that
   * its classes were given. `ranking`: a label with the labels (or scores) in order. `text`: texts, by edits.
   */
  readonly values: "number" | "label" | "score" | "ranking" | "text";
  /** The score is a function of the weighted mean of one loss per row; see `isDecomposable` for averages. */
  readonly decomposable: boolean;
  /** What may stand beside `name`. */
  readonly options: z.core.$ZodLooseShape;
}

const loss = { direction: "ascending", values: "number", decomposable: true } as const;
const ofLabels = { direction: "descending", values: "label", decomposable: false } as const;
const ofTexts = { direction: "ascending", values: "text", decomposable: false } as const;

/** The metrics that a round can be scored by. Their definitions: docs/reference/metrics.md. */
export const METRICS = {
  mse: { ...loss, options: numberOptions },
  rmse: { ...loss, options: numberOptions },
  mae: { ...loss, options: numberOptions },
  r2: { ...loss, direction: "descending", decomposable: false, options: numberOptions },
  mape: { ...loss, options: numberOptions },
  smape: { ...loss, options: numberOptions },
  mase: { ...loss, options: maseOptions },
  accuracy_within: { ...loss, direction: "descending", options: withinOptions },
  accuracy: { ...ofLabels, decomposable: true, options: labelOptions },
  top_k: { ...ofLabels, values: "ranking", decomposable: true, options: topKOptions },
  precision: { ...ofLabels, options: averagedOptions },
  recall: { ...ofLabels, options: averagedOptions },
  f1: { ...ofLabels, options: averagedOptions },
  fbeta: { ...ofLabels, options: betaOptions },
  f1_binary: { ...ofLabels, options: binaryOptions },
  f1_macro: { ...ofLabels, options: labelOptions },
  f1_micro: { ...ofLabels, options: labelOptions },
  f1_weighted: { ...ofLabels, options: labelOptions },
  roc_auc: { ...ofLabels, values: "score", options: aucOptions },
  log_loss: { direction: "ascending", values: "score", decomposable: true, options: scoreOptions },
  mcc: { ...ofLabels, options: labelOptions },
  kappa: { ...ofLabels, options: kappaOptions },
  cer: { ...ofTexts, options: characterOptions },
  wer: { ...ofTexts, options: textOptions },
  correction_f1: { ...ofTexts, direction: "descending", options: correctionOptions },
} as const satisfies Record<string, MetricKind>;

export type MetricName = keyof typeof METRICS;

export const metricNameSchema = z
  .enum(Object.keys(METRICS) as [MetricName, ...MetricName[]])
  .meta({ id: "MetricName", description: "How a round is scored" });

/** A metric by its name with the options of that metric and no others. */
function spec<N extends MetricName>(name: N) {
  const known = Object.keys(METRICS[name].options).join(", ");
  return z.strictObject(
    { name: z.literal(name), ...(METRICS[name].options as (typeof METRICS)[N]["options"]) },
    {
      error: (issue) =>
        issue.code === "unrecognized_keys"
          ? `${name} has no option ${issue.keys.map((key) => `"${key}"`).join(", ")}; it has ${known}`
          : undefined,
    },
  );
}

const SPECS = [
  spec("mse"),
  spec("rmse"),
  spec("mae"),
  spec("r2"),
  spec("mape"),
  spec("smape"),
  spec("mase"),
  spec("accuracy_within"),
  spec("accuracy"),
  spec("top_k"),
  spec("precision"),
  spec("recall"),
  spec("f1"),
  spec("fbeta"),
  spec("f1_binary"),
  spec("f1_macro"),
  spec("f1_micro"),
  spec("f1_weighted"),
  spec("roc_auc"),
  spec("log_loss"),
  spec("mcc"),
  spec("kappa"),
  spec("cer"),
  spec("wer"),
  spec("correction_f1"),
] as const;

/** How a column of the leaderboard is computed: `{ name: "fbeta", beta: 0.5, average: "macro" }`. */
export const metricSpecSchema = z
  .discriminatedUnion("name", SPECS, {
    error: (issue) =>
      issue.code === "invalid_union"
        ? `must name one of the metrics: ${Object.keys(METRICS).join(", ")}`
        : undefined,
  })
  .superRefine((metric, context) => {
    for (const { option, message } of clashes(metric)) {
      context.addIssue({ code: "custom", path: [option], message });
    }
  })
  .meta({ id: "MetricSpec", description: "A metric and its options" });
export type MetricSpec = z.infer<typeof metricSpecSchema>;

function clashes(metric: z.infer<(typeof SPECS)[number]>): { option: string; message: string }[] {
  const found: { option: string; message: string }[] = [];
  const clash = (option: string, message: string) => found.push({ option, message });
  if ("target_fields" in metric && metric.target_fields) {
    if (metric.target_field) clash("target_field", "can't stand beside target_fields");
    if (metric.prediction_field)
      clash("prediction_field", "can't stand beside target_fields: columns are named alike in both files");
    if (new Set(metric.target_fields).size < metric.target_fields.length)
      clash("target_fields", "names a column twice");
  }
  if (metric.name === "mase" && (metric.scale === undefined) === (metric.scale_field === undefined))
    clash("scale", "mase takes either scale or scale_field");
  if (
    metric.name === "accuracy_within" &&
    metric.period !== undefined &&
    metric.tolerance > metric.period / 2
  )
    clash("tolerance", "must be at most half the period");
  if ("average" in metric && metric.name !== "roc_auc") {
    if (metric.average !== "binary" && metric.positive_label !== undefined)
      clash("positive_label", "is for average binary only");
    if (metric.average === "binary" && metric.separator !== undefined)
      clash("separator", "is for rows of several labels: average macro, micro, weighted or samples");
  }
  if ("classes" in metric && metric.classes) {
    if (new Set(metric.classes).size < metric.classes.length) clash("classes", "names a class twice");
    if (metric.name === "top_k" && metric.k >= metric.classes.length)
      clash("k", "must be smaller than the number of classes, or every row is right");
    if ("positive_label" in metric && metric.positive_label !== undefined)
      clash("positive_label", "can't stand beside classes");
    if (metric.name === "kappa" && metric.weights === "none")
      clash("classes", "is the order of classes, which only matters with weights linear or quadratic");
  }
  return found;
}

/** Whether the score is a function of the weighted mean of one loss per row (needed for Ladder and the like). */
export function isDecomposable(metric: MetricSpec): boolean {
  // The mean of several roots is no function of one mean.
  if (metric.name === "rmse") return metric.target_fields === undefined;
  const perRow = "average" in metric && metric.average === "samples";
  return METRICS[metric.name].decomposable || perRow;
}

/**
 * Which rows count for the public score, all others for the private one: a column of the labels file, or a share
 * of the rows drawn by a hash of seed and id. The seed is the organizer's secret.
 */
export const scoreSplitSchema = z
  .union(
    [
      z.strictObject({
        field: z.string().min(1).max(200).describe("Column of the labels file"),
        public: z.string().max(200).default("public").describe("What it holds for a public row"),
      }),
      z.strictObject({
        share: z.number().gt(0).lt(1).describe("Share of the rows that is public"),
        seed: z.string().min(1).max(200),
      }),
    ],
    { error: "must be {field: usage, public: public} or {share: 0.3, seed: a-secret-word}" },
  )
  .meta({ id: "ScoreSplit", description: "Which rows count for the public score" });
export type ScoreSplit = z.infer<typeof scoreSplitSchema>;
