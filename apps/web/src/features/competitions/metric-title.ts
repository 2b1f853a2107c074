const TITLES: Record<string, string> = {
  mse: "Mean squared error",
  rmse: "Root mean squared error",
  mae: "Mean absolute error",
  r2: "R²",
  mape: "Mean absolute percentage error",
  smape: "Symmetric mean absolute percentage error",
  mase: "Mean absolute scaled error",
  accuracy: "Accuracy",
  accuracy_within: "Accuracy within a tolerance",
  top_k: "Top-k accuracy",
  precision: "Precision",
  recall: "Recall",
  f1: "F1",
  fbeta: "F-beta",
  f1_binary: "F1",
  f1_macro: "F1, macro",
  f1_micro: "F1, micro",
  f1_weighted: "F1, weighted",
  roc_auc: "Area under the ROC curve",
  log_loss: "Log loss",
  mcc: "Matthews correlation",
  kappa: "Cohen's kappa",
  cer: "Character error rate",
  wer: "Word error rate",
  correction_f1: "F1 of corrections",
};

/** A metric's name for people. */
const metricName = (metric: string): string => TITLES[metric] ?? metric;

/** A metric's name, and which way is better. */
export const metricTitle = (metric: string, order: "ascending" | "descending"): string =>
  `${metricName(metric)}, ${order === "ascending" ? "lower" : "higher"} is better`;
