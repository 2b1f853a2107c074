import type { FileRole } from "../tables/file-error.ts";

/**
 * What a column must hold. `number`: finite, at most `MAX_NUMBER`; `weight`: also 0 or more; `positive`: also above
 * 0; `probability`: 0 to 1; `label`: text that is not blank; `text`: any text, and nothing counts as "".
 */
export type ColumnKind = "number" | "weight" | "positive" | "probability" | "label" | "text";

/** A column that a metric reads: the first of `names` that the file has. */
export interface WantedColumn {
  readonly file: FileRole;
  readonly names: readonly string[];
  readonly kind: ColumnKind;
}

/** Labels by their number in a dictionary. */
export interface LabelCells {
  /** Per row, the place of its text in `texts`. */
  readonly codes: Uint32Array;
  /** The texts of the whole column, blanks at their ends taken off, each once. */
  readonly texts: readonly string[];
}

/** The joined rows, in the order of the labels file, whatever the order of the predictions. */
export interface Cells {
  readonly rows: number;
  numbers(column: WantedColumn): Float64Array;
  labels(column: WantedColumn): LabelCells;
  texts(column: WantedColumn): readonly string[];
}

/** How one metric with its options is computed. */
export interface Plan {
  readonly columns: readonly WantedColumn[];
  /**
   * Never NaN.
   * @throws UndefinedScore where the metric has no value for these labels
   */
  score(cells: Cells): number;
  /**
   * Of a decomposable metric: per row, the value whose mean (weighted by `weight`) is the score; the square of the
   * score for rmse.
   */
  readonly rowValues?: (cells: Cells) => Float64Array;
  /** The weights' column, if rows weigh differently. */
  readonly weight?: WantedColumn | undefined;
}

/** The labels leave this metric undefined; the message says what they lack and never holds a label. */
export class UndefinedScore extends Error {
  override readonly name = "UndefinedScore";
}

/** Some labels or numbers of a file break a rule that only shows once all are known. */
export class ColumnProblem extends Error {
  override readonly name = "ColumnProblem";
  constructor(
    readonly column: WantedColumn,
    readonly rule: "numeric-label" | "class-sum",
    message: string,
  ) {
    super(message);
  }
}
