import { z } from "zod";

const column = z.string().min(1).max(200);
const label = z.string().max(200);
const separator = z
  .string()
  .min(1)
  .max(10)
  .describe("Cells hold several labels, parted by this; an empty cell holds none");
const positiveLabel = label.default("1").describe("The label that counts as positive");

/** What every metric understands. */
const common = {
  target_field: column.optional().describe("Column of the labels file; omitted: the round's target"),
  prediction_field: column
    .optional()
    .describe("Column of the predictions file; omitted: `prediction`, or else the target's name"),
  weight_field: column.optional().describe("Column of the labels file with each row's weight, 0 or more"),
};

/** Metrics of numbers also take several targets: the score is the mean of the targets' scores. */
export const numberOptions = {
  ...common,
  target_fields: z
    .array(column)
    .min(2)
    .max(100)
    .optional()
    .describe("Several columns, named alike in both files; the score is the mean of theirs"),
};

export const maseOptions = {
  ...numberOptions,
  scale: z
    .number()
    .positive()
    .optional()
    .describe("Mean absolute error of the naive forecast on the training series"),
  scale_field: column
    .optional()
    .describe("Column of the labels file with that error, for series that differ"),
};

export const withinOptions = {
  ...numberOptions,
  tolerance: z.number().nonnegative().describe("Largest |target − prediction| that counts as right"),
  period: z.number().positive().optional().describe("Numbers that differ by this are equal: 360 for angles"),
};

export const labelOptions = common;

const averages = ["binary", "macro", "micro", "weighted", "samples"] as const;

/** Options of precision, recall and F. */
export const averagedOptions = {
  ...common,
  average: z
    .enum(averages)
    .default("binary")
    .describe("binary: of the positive label; macro, micro, weighted: over classes; samples: over rows"),
  positive_label: label.optional().describe("Of average binary: the label that counts as positive (1)"),
  separator: separator.optional(),
};

export const betaOptions = {
  ...averagedOptions,
  beta: z.number().positive().max(1000).describe("How many times as much recall weighs as precision"),
};

export const binaryOptions = { ...common, positive_label: positiveLabel };

export const kappaOptions = {
  ...common,
  weights: z.enum(["none", "linear", "quadratic"]).default("none"),
  classes: z
    .array(label)
    .min(2)
    .max(1000)
    .optional()
    .describe("The classes in order, for weights; omitted: sorted, as numbers if all are"),
};

const classes = z
  .array(label)
  .min(2)
  .max(1000)
  .optional()
  .describe("More than two classes: the predictions file has a column of scores for each");
const scorePrefix = z
  .string()
  .max(50)
  .default("p_")
  .describe("A class's score stands in the column of this and the class's name");

export const scoreOptions = {
  ...common,
  positive_label: label.optional().describe("Without `classes`: the label that counts as positive (1)"),
  classes,
  score_prefix: scorePrefix,
};

export const aucOptions = { ...scoreOptions, average: z.enum(["macro", "weighted"]).default("macro") };

export const topKOptions = {
  ...common,
  k: z.number().int().min(1).max(1000),
  separator: z
    .string()
    .min(1)
    .max(10)
    .default(" ")
    .describe("Without `classes`: parts the labels of a prediction, best first"),
  classes,
  score_prefix: scorePrefix,
};

export const textOptions = {
  ...common,
  normalize: z
    .enum(["nfc", "nfkc", "none"])
    .default("nfc")
    .describe("Unicode form that texts are compared in"),
  ignore_case: z.boolean().default(false),
};

export const characterOptions = {
  ...textOptions,
  ignore_spaces: z.boolean().default(false).describe("Blanks are taken out first, as is usual for Korean"),
};

export const correctionOptions = {
  ...textOptions,
  source_field: column.describe("Column of the labels file with the text as it was typed"),
  unit: z.enum(["character", "word"]).default("character"),
  beta: z.number().positive().max(1000).default(1),
};
