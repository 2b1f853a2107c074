import type { ColumnKind } from "../metrics/plan.ts";

const NUMBERS: readonly ColumnKind[] = ["number", "weight", "positive", "probability"];

/** Every use of the column is as a number. */
export const isNumeric = ({ kinds }: { kinds: readonly ColumnKind[] }) =>
  kinds.every((kind) => NUMBERS.includes(kind));
