import type { MetricSpec } from "@podium/shared";
import { averaged, type Rate } from "./averages.ts";
import { createTally } from "./class-counts.ts";
import { predictionOf, present, type RoundColumns, targetOf, weightOf, weightsIn } from "./columns.ts";
import type { Cells, Plan } from "./plan.ts";
import { meanOver } from "./sum.ts";

export type AveragedSpec = Extract<MetricSpec, { name: "precision" | "recall" | "f1" | "fbeta" }>;

interface SetRow {
  readonly hits: number;
  readonly predicted: number;
  readonly labelled: number;
}

/** Precision, recall and F of rows that hold several labels each: over rows, or over classes. */
export function setPlan(spec: AveragedSpec, round: RoundColumns, rate: Rate): Plan {
  const [target, prediction] = [targetOf(spec, round, "text"), predictionOf(spec, round, "text")];
  const weight = weightOf(spec);
  const separator = spec.separator ?? " ";
  const plan = { columns: present([target, prediction, weight]), weight };
  const sets = (cells: Cells) => ({
    truth: cells.texts(target),
    guess: cells.texts(prediction),
    weights: weightsIn(cells, weight),
  });
  const { average } = spec;
  if (average !== "samples") {
    return {
      ...plan,
      score: (cells) => {
        const { truth, guess, weights } = sets(cells);
        return averaged(countSets(truth, guess, separator, weights), rate, average, "");
      },
    };
  }
  const rowValues = (cells: Cells) => {
    const { truth, guess } = sets(cells);
    return Float64Array.from(truth, (cell, row) => {
      const { hits, predicted, labelled } = compare(cell, guess[row] as string, separator);
      return rate(hits, predicted, labelled);
    });
  };
  return {
    ...plan,
    rowValues,
    score: (cells) => {
      const values = rowValues(cells);
      return meanOver(cells.rows, (row) => values[row] as number, weightsIn(cells, weight));
    },
  };
}

/** The labels of a cell, each once. */
function setOf(cell: string, separator: string): Set<string> {
  const labels = cell.split(separator).map((label) => label.trim());
  return new Set(labels.filter((label) => label !== ""));
}

function compare(truth: string, guess: string, separator: string): SetRow {
  const [labels, guesses] = [setOf(truth, separator), setOf(guess, separator)];
  let hits = 0;
  for (const label of guesses) if (labels.has(label)) hits += 1;
  return { hits, predicted: guesses.size, labelled: labels.size };
}

function countSets(
  truth: readonly string[],
  guess: readonly string[],
  separator: string,
  weights: Float64Array | null,
) {
  const codes = new Map<string, number>();
  for (const cells of [truth, guess]) {
    for (const cell of cells)
      for (const label of setOf(cell, separator)) if (!codes.has(label)) codes.set(label, codes.size);
  }
  const tally = createTally(codes.size, weights);
  for (let row = 0; row < truth.length; row += 1) {
    const labels = setOf(truth[row] as string, separator);
    for (const label of labels) tally.labelled(codes.get(label) as number, row);
    for (const label of setOf(guess[row] as string, separator)) {
      const code = codes.get(label) as number;
      tally.predicted(code, row);
      if (labels.has(label)) tally.hit(code, row);
    }
  }
  return { classes: tally.classes([...codes.keys()]), total: tally.total(truth.length), numeric: false };
}
