const TITLES: Record<string, string> = {
  mse: "Mean squared error",
  rmse: "Root mean squared error",
  mae: "Mean absolute error",
  accuracy: "Accuracy",
  f1_binary: "F1",
  f1_macro: "F1, macro",
  f1_micro: "F1, micro",
  f1_weighted: "F1, weighted",
};

/** A metric's name for people. */
const metricName = (metric: string): string => TITLES[metric] ?? metric;

/** A metric's name, and which way is better. */
export const metricTitle = (metric: string, order: "ascending" | "descending"): string =>
  `${metricName(metric)}, ${order === "ascending" ? "lower" : "higher"} is better`;
