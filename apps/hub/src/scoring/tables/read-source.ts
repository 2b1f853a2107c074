import type { ColumnKind, LabelCells } from "../metrics/plan.ts";
import type { Column } from "./cells.ts";
import { readPlainCsv } from "./plain-csv.ts";
import type { Source } from "./source.ts";
import type { Numbers } from "./stream.ts";

/** Labels that are whole numbers below this are their own dictionary. */
const MAX_SMALL_LABEL = 65_536;

const has = (kinds: readonly ColumnKind[], kind: ColumnKind) => kinds.includes(kind);

/** A column that is read, by its place among the source's values. */
export interface Wanted {
  readonly place: number;
  readonly is: "numbers" | "labels";
}

/** A file's columns in its own order. */
export interface ReadSource {
  readonly rows: number;
  /** −1 for an id that is no whole number. */
  readonly ids: Int32Array;
  readonly columns: Column[];
}

/**
 * Reads the wanted columns of a file of numbers. Null when a label is another text.
 * @param readRest  reads a file that is no plain CSV
 * @throws TablesDiffer when the file can't be read; as `requireRoom` when it has more than `maxRows`
 */
export async function readSource(
  source: Source,
  readRest: (wanted: readonly Wanted[]) => Promise<{ rows: number; arrays: Numbers[] }>,
  maxRows: number,
): Promise<ReadSource | null> {
  const { columns } = source;
  const wanted: Wanted[] = columns.values.flatMap((value, place) => [
    ...(value.kinds.some((kind) => kind !== "label") ? [{ place, is: "numbers" as const }] : []),
    ...(has(value.kinds, "label") ? [{ place, is: "labels" as const }] : []),
  ]);
  const { rows, arrays } = (await readPlain(source, wanted, maxRows)) ?? (await readRest(wanted));
  const read: Column[] = columns.values.map(() => ({}));
  for (const [at, { place, is }] of wanted.entries()) {
    const cells = arrays[at + 1] as Numbers;
    const column = read[place] as Column;
    if (is === "numbers") column.numbers = cells as Float64Array;
    else {
      const labels = smallLabels(cells as Int32Array);
      if (!labels) return null;
      column.labels = labels;
    }
  }
  return { rows, ids: arrays[0] as Int32Array, columns: read };
}

/** Without the database, when the file is as plain as can be. */
async function readPlain({ file, columns }: Source, wanted: readonly Wanted[], maxRows: number) {
  const { id, values } = columns;
  if (file.format !== "csv" || file.newline !== "\n" || id === null) return null;
  const cells = wanted.map(({ place, is }) => ({
    place: file.columns.indexOf(values[place]?.name ?? ""),
    is: is === "labels" ? ("whole" as const) : ("number" as const),
  }));
  const all = [{ place: file.columns.indexOf(id), is: "whole" as const }, ...cells];
  // A column that is read in two ways is not plain.
  if (new Set(all.map(({ place }) => place)).size < all.length) return null;
  return readPlainCsv(file, all, maxRows);
}

/** Null when a label is no small whole number. */
function smallLabels(cells: Int32Array): LabelCells | null {
  const seen = new Uint8Array(MAX_SMALL_LABEL);
  for (let row = 0; row < cells.length; row += 1) {
    const label = cells[row] as number;
    if (label < 0 || label >= MAX_SMALL_LABEL) return null;
    seen[label] = 1;
  }
  const names = Array.from(seen, (_, label) => label).filter((label) => seen[label] === 1);
  const texts = names.map(String);
  const codes = new Uint32Array(cells.buffer, cells.byteOffset, cells.length);
  // The usual 0, 1, 2 …: each label is its own code.
  if (names.every((label, code) => label === code)) return { codes, texts };
  const codeOf = new Uint32Array(MAX_SMALL_LABEL);
  for (const [code, label] of names.entries()) codeOf[label] = code;
  for (let row = 0; row < codes.length; row += 1) codes[row] = codeOf[codes[row] as number] as number;
  return { codes, texts };
}
