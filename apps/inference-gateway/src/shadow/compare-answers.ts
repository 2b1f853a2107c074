import { compareJson } from "./compare-json.ts";
import { compareTensors } from "./compare-tensors.ts";
import { type Answer, type Comparison, Tally } from "./tally.ts";

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
