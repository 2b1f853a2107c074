import { compareJson } from "./compare-json.ts";
import { compareTensors } from "./compare-tensors.ts";
import { type Answer, Tally } from "./tally.ts";

/** How two answers to the same request compare. */
export interface Comparison {
  agrees: boolean;
  /** largest and mean absolute difference of numbers; null: none were compared, or they can't be */
  max: number | null;
  mean: number | null;
  /** they differ in something else than the size of a number */
  differs: boolean;
  /** output or path of the largest difference; empty when there is none */
  where: string;
}

/**
 * Compares a shadow's answer with the one that its caller got: tensors element by element, else as JSON. Numbers agree
 * when they differ by no more than `tolerance`, times the larger one where that is above 1; all else must be equal.
 */
export function compareAnswers(primary: Answer, shadow: Answer, tolerance: number): Comparison {
  const tally = new Tally(tolerance);
  if (primary.outputs && shadow.outputs) compareTensors(primary, shadow, tally);
  else if (primary.outputs || shadow.outputs) tally.differ("the form of the answer");
  else compareJson(primary.answer, shadow.answer, tally);
  return tally.result();
}
