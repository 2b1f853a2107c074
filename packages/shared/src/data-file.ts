/** What tables are kept in, by the ends of their files' names; each may also be packed with gzip. */
const FORMATS = ["csv", "jsonl", "parquet", "npy"] as const;
const DATA_FILE = new RegExp(`\\.(${FORMATS.join("|")})(\\.gz)?$`, "i");
/** What `infer` is called with row by row, and what labels may be looked into on the organizer's machine. */
const TEXT_TABLE = /\.(csv|jsonl)$/i;

/** True for a file that may hold labels or predictions. */
export const isDataFile = (path: string): boolean => DATA_FILE.test(path);
/** True for a table that can be read a line at a time; only such a one can be the inputs of `infer`. */
export const isTextTable = (path: string): boolean => TEXT_TABLE.test(path);
/** For people: `.csv, .jsonl, … or .npy`. */
export const DATA_FILE_NAMES = `.${FORMATS.slice(0, -1).join(", .")} or .${FORMATS.at(-1)}`;
/** NSML's convention: among the inputs, it hands them to `infer` in the place of the platform. */
export const DATA_LOADER = "data_loader.py";
