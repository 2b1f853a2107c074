import type { ColumnKind } from "../metrics/plan.ts";
import { RANGES } from "./explain.ts";
import { TablesDiffer } from "./tables-differ.ts";

/** @throws TablesDiffer when a number is none, or none of its kind */
export function requireRange(cells: Float64Array, kind: ColumnKind): void {
  if (!(kind in RANGES)) return;
  const [least, most] = RANGES[kind as keyof typeof RANGES];
  for (let row = 0; row < cells.length; row += 1) {
    const value = cells[row] as number;
    // Not `<`: a NaN must not pass.
    if (!(value >= least && value <= most) || (kind === "positive" && value === 0)) throw new TablesDiffer();
  }
}
