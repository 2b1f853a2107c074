import type { DuckDBConnection } from "@duckdb/node-api";
import type { ColumnKind, LabelCells } from "../metrics/plan.ts";
import type { Asked } from "./asked.ts";
import type { Column } from "./cells.ts";
import { TablesDiffer } from "./explain-mismatch.ts";
import { isOutOfMemory } from "./locked-database.ts";
import { matchNumbers, wholeNumber } from "./match-rows.ts";
import { readPlainCsv } from "./plain-csv.ts";
import { requireRange } from "./require-range.ts";
import { isNumeric, type Source } from "./source.ts";
import { type Numbers, readNumbers } from "./stream.ts";

/** Labels that are whole numbers below this are their own dictionary. */
const MAX_SMALL_LABEL = 65_536;

/** The columns of both files in the order of the labels. */
export interface Laid {
  readonly rows: number;
  readonly columns: { readonly labels: readonly Column[]; readonly predictions: readonly Column[] };
}

/**
 * Reads files of plain numbers, the usual ones, straight into arrays: ids and labels that are whole numbers, and
 * values that are numbers. Null when something in them is another text: then they are loaded as tables.
 * @throws TablesDiffer when a file can't be read, a value is none, or the ids do not match one to one
 */
export async function loadNumbers(connection: DuckDBConnection, asked: Asked): Promise<Laid | null> {
  const { labels, predictions } = asked.sources;
  if ([labels, predictions].some((source) => source.file.positional || hasTexts(source))) return null;
  const truth = await readSource(connection, labels, asked.requireMemory);
  // Before the other file is read in vain.
  if (!truth || truth.ids.includes(-1)) return null;
  asked.requireMemory(truth.rows);
  const guess = await readSource(connection, predictions, asked.requireMemory);
  if (!guess) return null;
  const placeOf = matchNumbers(truth.ids, guess.ids);
  if (!placeOf) return null;
  const columns = {
    labels: truth.columns,
    predictions: guess.columns.map((column) => placed(column, placeOf)),
  };
  for (const role of ["labels", "predictions"] as const) {
    for (const [at, { kinds }] of asked.sources[role].columns.values.entries()) {
      const { numbers } = columns[role][at] as Column;
      for (const kind of kinds) if (numbers) requireRange(numbers, kind);
    }
  }
  return { rows: truth.rows, columns };
}

const has = (kinds: readonly ColumnKind[], kind: ColumnKind) => kinds.includes(kind);
const hasTexts = ({ columns }: Source) => columns.values.some(({ kinds }) => has(kinds, "text"));

interface Wanted {
  readonly place: number;
  readonly is: "numbers" | "labels";
}

async function readSource(
  connection: DuckDBConnection,
  source: Source,
  requireMemory: (rows: number) => void,
) {
  const { columns } = source;
  const wanted: Wanted[] = columns.values.flatMap((value, place) => [
    ...(value.kinds.some((kind) => kind !== "label") ? [{ place, is: "numbers" as const }] : []),
    ...(has(value.kinds, "label") ? [{ place, is: "labels" as const }] : []),
  ]);
  const { rows, arrays } =
    (await readPlain(source, wanted, requireMemory)) ?? (await readBySql(connection, source, wanted));
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
async function readPlain(
  { file, columns }: Source,
  wanted: readonly Wanted[],
  requireMemory: (rows: number) => void,
) {
  const { id, values } = columns;
  if (file.format !== "csv" || file.newline !== "\n" || id === null) return null;
  const cells = wanted.map(({ place, is }) => ({
    place: file.columns.indexOf(values[place]?.name ?? ""),
    is: is === "labels" ? ("whole" as const) : ("number" as const),
  }));
  const all = [{ place: file.columns.indexOf(id), is: "whole" as const }, ...cells];
  // A column that is read in two ways is not plain.
  if (new Set(all.map(({ place }) => place)).size < all.length) return null;
  return readPlainCsv(file, all, requireMemory);
}

async function readBySql(
  connection: DuckDBConnection,
  { columns, select, stored }: Source,
  wanted: readonly Wanted[],
) {
  const whole = (cell: string) => {
    if (!stored) return wholeNumber(cell);
    if (!stored.wholes.has(cell)) return wholeNumber(`${cell}::VARCHAR`);
    return `coalesce(TRY_CAST(${cell} AS INTEGER), -1)`;
  };
  const list = wanted.map(({ place, is }) => {
    const cell = `v${place}`;
    if (is === "labels") return whole(cell);
    const isDouble = !stored && isNumeric(columns.values[place] ?? { kinds: [] });
    return `coalesce(${isDouble ? cell : `TRY_CAST(${cell} AS DOUBLE)`}, 'nan'::DOUBLE)`;
  });
  const int32 = (rows: number) => new Int32Array(rows);
  const make = wanted.map(({ is }) => (is === "labels" ? int32 : (rows: number) => new Float64Array(rows)));
  const sql = `SELECT ${[whole("id"), ...list].join(", ")} FROM (${stored?.select ?? select})`;
  return readNumbers(connection, sql, [int32, ...make]).catch((error: unknown) => {
    throw isOutOfMemory(error) ? error : new TablesDiffer({ cause: error });
  });
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

/** A column of the predictions with its rows where those of the labels are. */
export function placed({ numbers, labels, texts }: Column, placeOf: Int32Array): Column {
  return {
    ...(numbers ? { numbers: placedNumbers(numbers, placeOf) } : {}),
    ...(labels ? { labels: { ...labels, codes: placedCodes(labels.codes, placeOf) } } : {}),
    ...(texts ? { texts: placedTexts(texts, placeOf) } : {}),
  };
}

// One loop for each kind of array: a loop that sees several is several times slower.

function placedNumbers(from: Float64Array, placeOf: Int32Array): Float64Array {
  const into = new Float64Array(from.length);
  for (let row = 0; row < from.length; row += 1) into[placeOf[row] as number] = from[row] as number;
  return into;
}

function placedCodes(from: Uint32Array, placeOf: Int32Array): Uint32Array {
  const into = new Uint32Array(from.length);
  for (let row = 0; row < from.length; row += 1) into[placeOf[row] as number] = from[row] as number;
  return into;
}

function placedTexts(from: readonly string[], placeOf: Int32Array): string[] {
  const into = new Array<string>(from.length);
  for (let row = 0; row < from.length; row += 1) into[placeOf[row] as number] = from[row] as string;
  return into;
}
