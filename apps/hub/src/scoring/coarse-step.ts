import type { Cells, WantedColumn } from "./metrics/plan.ts";

/** Of scores and probabilities. */
const USUAL = 1 / 64;

/**
 * How far apart two predicted numbers may be and mostly still count as near-duplicates: about a sixty-fourth of the
 * middle four fifths of the targets, rounded to a power of two. It depends on the labels alone, so that sketches of
 * one round can be compared.
 */
export function coarseStep(wanted: readonly WantedColumn[], cells: Cells): number {
  const target = wanted.find((column) => column.file === "labels" && column.kind === "number");
  if (!target) return USUAL;
  const sorted = cells.numbers(target).slice().sort();
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] as number;
  const spread = at(0.9) - at(0.1);
  return spread > 0 ? 2 ** Math.round(Math.log2(spread / 64)) : USUAL;
}
