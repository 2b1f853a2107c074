import type { MetricSpec } from "@podium/shared";
import { fScore } from "./averages.ts";
import {
  labelsColumn,
  predictionOf,
  present,
  type RoundColumns,
  targetOf,
  weightOf,
  weightsIn,
} from "./columns.ts";
import { type Edit, editDistance, editsBetween } from "./edit-distance.ts";
import { type Plan, UndefinedScore } from "./plan.ts";
import { Sum } from "./sum.ts";

type ErrorRateSpec = Extract<MetricSpec, { name: "cer" | "wer" }>;
type CorrectionSpec = Extract<MetricSpec, { name: "correction_f1" }>;

/** Edits over all rows divided by characters (or words) of all targets. */
export function errorRatePlan(spec: ErrorRateSpec, round: RoundColumns): Plan {
  const [target, prediction] = [targetOf(spec, round, "text"), predictionOf(spec, round, "text")];
  const weight = weightOf(spec);
  const unitsOf = spec.name === "cer" ? charactersIn(spec.ignore_spaces) : wordsIn;
  return {
    columns: present([target, prediction, weight]),
    weight,
    score: (cells) => {
      const weights = weightsIn(cells, weight);
      const [truth, guess] = [cells.texts(target), cells.texts(prediction)];
      const [edits, length] = [new Sum(), new Sum()];
      for (let row = 0; row < cells.rows; row += 1) {
        const units = unitsOf(normalized(truth[row] as string, spec));
        const w = weights ? (weights[row] as number) : 1;
        edits.add(w * editDistance(units, unitsOf(normalized(guess[row] as string, spec))));
        length.add(w * units.length);
      }
      if (length.value === 0) throw new UndefinedScore("an error rate needs a target that is not empty");
      return edits.value / length.value;
    },
  };
}

/**
 * F of corrections: what was changed in the typed text against what should have been, place by place. 1 when there
 * was nothing to correct and nothing was changed.
 */
export function correctionPlan(spec: CorrectionSpec, round: RoundColumns): Plan {
  const [target, prediction] = [targetOf(spec, round, "text"), predictionOf(spec, round, "text")];
  const source = labelsColumn(spec.source_field, "text");
  const weight = weightOf(spec);
  const unitsOf = spec.unit === "character" ? charactersIn(false) : wordsIn;
  return {
    columns: present([target, prediction, source, weight]),
    weight,
    score: (cells) => {
      const weights = weightsIn(cells, weight);
      const [hits, made, needed] = [new Sum(), new Sum(), new Sum()];
      const [typed, truth, guess] = [cells.texts(source), cells.texts(target), cells.texts(prediction)];
      const units = (text: string | undefined) => unitsOf(normalized(text ?? "", spec));
      for (let row = 0; row < cells.rows; row += 1) {
        const from = units(typed[row]);
        const right = editsBetween(from, units(truth[row]));
        const done = editsBetween(from, units(guess[row]));
        const w = weights ? (weights[row] as number) : 1;
        hits.add(w * common(right, done));
        made.add(w * done.length);
        needed.add(w * right.length);
      }
      if (made.value === 0 && needed.value === 0) return 1;
      return fScore(spec.beta)(hits.value, made.value, needed.value);
    },
  };
}

function common(right: readonly Edit[], done: readonly Edit[]): number {
  const keys = new Set(right.map(keyOf));
  return done.filter((edit) => keys.has(keyOf(edit))).length;
}

const keyOf = ({ start, end, text }: Edit) => `${start}:${end}:${text}`;

function normalized(text: string, spec: ErrorRateSpec | CorrectionSpec): string {
  const form = spec.normalize === "none" ? text : text.normalize(spec.normalize === "nfc" ? "NFC" : "NFKC");
  return spec.ignore_case ? form.toLowerCase() : form;
}

/** Characters are code points; blanks at the ends are no part of a text. */
function charactersIn(ignoreSpaces: boolean) {
  return (text: string) => [...(ignoreSpaces ? text.replace(/\s+/gu, "") : text.trim())];
}

/** Words are parted by white space, however much of it. */
function wordsIn(text: string): string[] {
  return text.split(/\s+/u).filter((word) => word !== "");
}
