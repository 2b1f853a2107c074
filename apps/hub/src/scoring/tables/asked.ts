import type { Sources } from "./explain-mismatch.ts";
import type { Resolve } from "./source.ts";

/** What scoring asks of the two files. */
export interface Asked {
  readonly sources: Sources;
  readonly placeOf: { readonly labels: Resolve; readonly predictions: Resolve };
  /** Throws when the arrays of so many rows would take more memory than they may. */
  readonly requireMemory: (rows: number) => void;
  /** What the texts of a Parquet file of predictions may come to. */
  readonly maxTextBytes: number;
}
