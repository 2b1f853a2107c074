import type { Cells, LabelCells, WantedColumn } from "../metrics/plan.ts";

/** A column of the joined rows, in the order of the labels file. */
export interface Column {
  numbers?: Float64Array;
  labels?: LabelCells;
  texts?: readonly string[];
}

/** @param find  the column that is wanted, as the files have it */
export function cellsOf(rows: number, find: (wanted: WantedColumn) => Column): Cells {
  const need = <T>(value: T | undefined, wanted: WantedColumn): T => {
    if (value === undefined) throw new Error(`The column ${wanted.names[0]} was not read as ${wanted.kind}.`);
    return value;
  };
  return {
    rows,
    numbers: (wanted) => need(find(wanted).numbers, wanted),
    labels: (wanted) => need(find(wanted).labels, wanted),
    texts: (wanted) => need(find(wanted).texts, wanted),
  };
}

/** The rows whose `mark` is `value`, in the same order. Dictionaries stay those of all rows. */
export function someOf(cells: Cells, mark: Uint8Array, value: 0 | 1): Cells {
  let rows = 0;
  for (const one of mark) if (one === value) rows += 1;
  const known = new Map<unknown, unknown>();
  /** The part of a column, made once however many metrics read it. */
  const part = <T extends { length: number }>(whole: T, make: () => T & { [row: number]: unknown }): T => {
    const found = known.get(whole);
    if (found) return found as T;
    const made = make();
    let at = 0;
    for (let row = 0; row < mark.length; row += 1) {
      if (mark[row] === value) made[at++] = (whole as { [row: number]: unknown })[row];
    }
    known.set(whole, made);
    return made;
  };
  return {
    rows,
    numbers: (wanted) => part(cells.numbers(wanted), () => new Float64Array(rows)),
    labels: (wanted) => {
      const { codes, texts } = cells.labels(wanted);
      return { codes: part(codes, () => new Uint32Array(rows)), texts };
    },
    texts: (wanted) => part(cells.texts(wanted) as string[], () => new Array<string>(rows)),
  };
}
