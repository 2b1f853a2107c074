import type { Sources } from "./explain-mismatch.ts";
import type { Resolve } from "./source.ts";

/** What scoring asks of the two files. */
export interface Asked {
  readonly sources: Sources;
  readonly placeOf: { readonly labels: Resolve; readonly predictions: Resolve };
  /** What the database may take. */
  readonly database: { readonly memoryBytes: number; readonly threads: number };
  /** Most rows whose arrays fit the memory that is left. */
  readonly maxRows: number;
  /** What the texts of a Parquet file of predictions may come to. */
  readonly maxTextBytes: number;
}
