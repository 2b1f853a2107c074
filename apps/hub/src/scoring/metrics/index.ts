import type { MetricSpec } from "@podium/shared";
import type { RoundColumns } from "./columns.ts";
import { labelPlan } from "./labels.ts";
import { numberPlan } from "./numbers.ts";
import type { Plan } from "./plan.ts";
import { aucPlan, logLossPlan } from "./scores.ts";
import { correctionPlan, errorRatePlan } from "./texts.ts";
import { topKPlan } from "./top-k.ts";

/** How a metric is computed. Definitions, sources and edge cases: docs/reference/metrics.md. */
export function planOf(spec: MetricSpec, round: RoundColumns): Plan {
  switch (spec.name) {
    case "mse":
    case "rmse":
    case "mae":
    case "r2":
    case "mape":
    case "smape":
    case "mase":
    case "accuracy_within":
      return numberPlan(spec, round);
    case "top_k":
      return topKPlan(spec, round);
    case "roc_auc":
      return aucPlan(spec, round);
    case "log_loss":
      return logLossPlan(spec, round);
    case "cer":
    case "wer":
      return errorRatePlan(spec, round);
    case "correction_f1":
      return correctionPlan(spec, round);
    default:
      return labelPlan(spec, round);
  }
}
