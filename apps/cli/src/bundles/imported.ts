type Path = readonly (string | number)[];

/** A contest of Codabench or CodaLab, as both are understood here; `path` says where in its YAML each part stands. */
export interface ImportedBundle {
  title: string;
  description: string;
  image: string | undefined;
  terms: Named | undefined;
  pages: (Named & { title: string })[];
  phases: ImportedPhase[];
  columns: ImportedColumn[];
  /** Index of the column that ranks. */
  primary: number;
  counts: "best" | "last";
  solutions: (Named & { tasks: number[] })[];
}

/** A file or folder of the bundle. */
export interface Named {
  file: string;
  path: Path;
}

export interface ImportedPhase {
  path: Path;
  title: string;
  /** ISO 8601 */
  opens: string | undefined;
  closes: string | undefined;
  perDay: number;
  total: number;
  seconds: number;
  train: Named | undefined;
  task: ImportedTask | undefined;
}

export interface ImportedTask {
  index: number;
  input: Named | undefined;
  reference: Named | undefined;
  scoring: Named | undefined;
  ingestion: Named | undefined;
}

export interface ImportedColumn {
  path: Path;
  key: string;
  title: string;
  sorting: "ascending" | "descending";
  precision: number | undefined;
  hidden: boolean;
  computed: { compute: "avg" | "sum" | "min" | "max"; of: string[] } | undefined;
}

/** What Codabench and CodaLab take where nothing is written. */
export const DEFAULTS = { perDay: 5, total: 100, seconds: 600 };
