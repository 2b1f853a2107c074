import type { Case } from "./cases.ts";

/**
 * The score of a case by the metric's definition, row by row and as plainly as it can be written: slow, and by
 * other ways than the scorer's (pairs of rows for AUC, one-hot correlation for MCC, sorting for top-k).
 */
export function reference({ spec, target, prediction, weight }: Case): number {
  const columns = target as readonly (readonly number[])[];
  const guesses = prediction as readonly (readonly number[])[];
  const rows = Array.isArray(target[0]) ? columns[0]?.length : target.length;
  const all = Array.from({ length: rows as number }, (_, row) => row);
  const w = (row: number) => weight?.[row] ?? 1;
  const mean = (of: (row: number) => number, over: readonly number[] = all) =>
    over.reduce((sum, row) => sum + w(row) * of(row), 0) / over.reduce((sum, row) => sum + w(row), 0);
  const overOutputs = (of: (t: readonly number[], p: readonly number[]) => number) =>
    columns.reduce((sum, t, at) => sum + of(t, guesses[at] as readonly number[]), 0) / columns.length;
  const error = (t: readonly number[], p: readonly number[]) => (row: number) =>
    (t[row] as number) - (p[row] as number);
  const labels = target as readonly string[];
  const scores = prediction as readonly number[];

  switch (spec.name) {
    case "mse":
      return overOutputs((t, p) => mean((row) => error(t, p)(row) ** 2));
    case "rmse":
      return overOutputs((t, p) => Math.sqrt(mean((row) => error(t, p)(row) ** 2)));
    case "mae":
      return overOutputs((t, p) => mean((row) => Math.abs(error(t, p)(row))));
    case "mape":
      return overOutputs((t, p) =>
        mean((row) => Math.abs(error(t, p)(row)) / Math.max(Math.abs(t[row] as number), 2 ** -52)),
      );
    case "r2":
      return overOutputs((t, p) => {
        const middle = mean((row) => t[row] as number);
        return 1 - mean((row) => error(t, p)(row) ** 2) / mean((row) => ((t[row] as number) - middle) ** 2);
      });
    case "accuracy":
      return mean((row) => (labels[row] === prediction[row] ? 1 : 0));
    case "mcc":
      return oneHotCorrelation(labels, prediction as readonly string[], mean);
    case "kappa":
      return kappaOfPairs(labels, prediction as readonly string[], w, spec.weights);
    case "precision":
    case "recall":
    case "f1":
    case "fbeta":
      return averagedRate(spec, labels, prediction as readonly string[], w);
    case "roc_auc": {
      const area = (isPositive: (row: number) => boolean, score: readonly number[]) =>
        orderedPairs(
          all.filter(isPositive),
          all.filter((row) => !isPositive(row)),
          score,
          w,
        );
      if (!spec.classes) return area((row) => labels[row] === "1", scores);
      const areas = spec.classes.map((name, at) => area((row) => labels[row] === name, guesses[at] ?? []));
      const shares = spec.classes.map((name) => mean((row) => (labels[row] === name ? 1 : 0)));
      return spec.average === "weighted"
        ? areas.reduce((sum, one, at) => sum + one * (shares[at] as number), 0)
        : areas.reduce((sum, one) => sum + one, 0) / areas.length;
    }
    case "log_loss": {
      const given = (row: number) =>
        spec.classes
          ? (guesses[spec.classes.indexOf(labels[row] as string)]?.[row] as number)
          : labels[row] === "1"
            ? (scores[row] as number)
            : 1 - (scores[row] as number);
      return mean((row) => -Math.log(Math.min(1 - 2 ** -52, Math.max(2 ** -52, given(row)))));
    }
    case "top_k": {
      const classes = spec.classes ?? [];
      return mean((row) => {
        const ranked = classes
          .map((name, at) => ({ name, at, score: guesses[at]?.[row] as number }))
          .sort((a, b) => b.score - a.score || b.at - a.at);
        return ranked.slice(0, spec.k).some(({ name }) => name === labels[row]) ? 1 : 0;
      });
    }
    default:
      throw new RangeError(`No reference for ${spec.name}.`);
  }
}

type Mean = (of: (row: number) => number) => number;
type Weight = (row: number) => number;

/** Covariance of the one-hot columns of labels and predictions, summed over classes, over the two spreads. */
function oneHotCorrelation(labels: readonly string[], guesses: readonly string[], mean: Mean): number {
  const classes = [...new Set([...labels, ...guesses])];
  const covariance = (a: readonly string[], b: readonly string[]) =>
    classes.reduce((sum, name) => {
      const is = (cells: readonly string[]) => (row: number) => (cells[row] === name ? 1 : 0);
      const [left, right] = [mean(is(a)), mean(is(b))];
      return sum + mean((row) => (is(a)(row) - left) * (is(b)(row) - right));
    }, 0);
  const spread = covariance(labels, labels) * covariance(guesses, guesses);
  return spread === 0 ? 0 : covariance(labels, guesses) / Math.sqrt(spread);
}

/** Mean distance of each row's pair over that of all pairs of a label with a prediction. */
function kappaOfPairs(
  labels: readonly string[],
  guesses: readonly string[],
  w: Weight,
  kind: string,
): number {
  const order = [...new Set([...labels, ...guesses])].sort();
  const distance = (a: string, b: string) => {
    const apart = Math.abs(order.indexOf(a) - order.indexOf(b));
    return kind === "none" ? Math.sign(apart) : kind === "linear" ? apart : apart ** 2;
  };
  let [seen, expected, total] = [0, 0, 0];
  for (const [row, label] of labels.entries()) {
    seen += w(row) * distance(label, guesses[row] as string);
    total += w(row);
    for (const [other, guess] of guesses.entries()) expected += w(row) * w(other) * distance(label, guess);
  }
  return 1 - (seen * total) / expected;
}

function orderedPairs(positives: number[], negatives: number[], score: readonly number[], w: Weight): number {
  let [right, all] = [0, 0];
  for (const p of positives) {
    for (const n of negatives) {
      const apart = (score[p] as number) - (score[n] as number);
      right += w(p) * w(n) * (apart > 0 ? 1 : apart === 0 ? 0.5 : 0);
      all += w(p) * w(n);
    }
  }
  return right / all;
}

interface Averaged {
  readonly name: string;
  readonly average: string;
  readonly separator?: string | undefined;
  readonly beta?: number;
}

/** From precision and recall, each a share of rows; F as their weighted harmonic mean. */
function averagedRate(
  spec: Averaged,
  labels: readonly string[],
  guesses: readonly string[],
  w: Weight,
): number {
  const sets = (cells: readonly string[]) =>
    cells.map((cell) => cell.split(" ").filter((name) => name !== ""));
  const [truth, guess] = [sets(labels), sets(guesses)];
  const rows = labels.map((_, row) => row);
  const classes = [...new Set([...truth.flat(), ...guess.flat()])];
  const count = (names: readonly string[], over: readonly number[]) => {
    let [hits, predicted, labelled] = [0, 0, 0];
    for (const row of over) {
      for (const name of names) {
        const [is, said] = [truth[row]?.includes(name), guess[row]?.includes(name)];
        if (is && said) hits += w(row);
        if (said) predicted += w(row);
        if (is) labelled += w(row);
      }
    }
    return { hits, predicted, labelled };
  };
  const rate = ({ hits, predicted, labelled }: ReturnType<typeof count>) => {
    const [p, r] = [hits === 0 ? 0 : hits / predicted, hits === 0 ? 0 : hits / labelled];
    if (spec.name === "precision") return p;
    if (spec.name === "recall") return r;
    const square = (spec.beta ?? 1) ** 2;
    return p + r === 0 ? 0 : ((1 + square) * p * r) / (square * p + r);
  };
  const meanOf = (values: readonly number[], weights: readonly number[]) =>
    values.reduce((sum, value, at) => sum + value * (weights[at] as number), 0) /
    weights.reduce((sum, weight) => sum + weight, 0);
  const perClass = classes.map((name) => count([name], rows));
  switch (spec.average) {
    case "binary":
      return rate(count(["1"], rows));
    case "micro":
      return rate(count(classes, rows));
    case "samples":
      return meanOf(
        rows.map((row) => rate(count(classes, [row]))),
        rows.map(w),
      );
    default:
      return meanOf(
        perClass.map(rate),
        perClass.map((one) => (spec.average === "weighted" ? one.labelled : 1)),
      );
  }
}
