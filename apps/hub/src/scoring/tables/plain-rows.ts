import { PlainCells, TENS } from "./plain-cells.ts";

const [ZERO, MINUS, COMMA, LINE_END] = [48, 45, 44, 10];
/** A point, as far from "0" as digits are counted. */
const POINT = -2;
/** Whole numbers of so many digits fit 31 bits, and two of them with a point between are exact up to 15. */
const [SHORT, EXACT] = [9, 15];

/** What a column of the file is read as. */
export const [SKIP, WHOLE, NUMBER] = [0, 1, 2];

/** Where cells go: the columns of either kind in the file's order, each with room for `until` rows. */
export interface PlainTarget {
  readonly wholes: readonly Int32Array[];
  readonly numbers: readonly Float64Array[];
  readonly until: number;
}

/**
 * Reads rows until the block or the room ends. Short numbers are read in this one loop over local integers, which is
 * what makes it fast (doubles, calls and arrays of mixed kinds each take as long again); other cells by `PlainCells`.
 * @param kinds  of every column of the file
 * @param at  where a row begins in the block, which ends with a line end
 * @returns where it stopped, and the rows in the target by then; null at a cell that is not plain
 */
export function readPlainRows(
  bytes: Uint8Array,
  kinds: Uint8Array,
  { wholes, numbers, until }: PlainTarget,
  at: number,
  row: number,
): { at: number; row: number } | null {
  const cells = new PlainCells(bytes);
  const last = kinds.length - 1;
  for (; at < bytes.length && row < until; row += 1) {
    let whole = 0;
    let number = 0;
    for (let place = 0; place <= last; place += 1) {
      const kind = kinds[place];
      cells.at = at;
      if (kind === SKIP) {
        if (!cells.skip()) return null;
        at = cells.at;
      } else {
        const first = kind === NUMBER && bytes[at] === MINUS ? at + 1 : at;
        at = first;
        let value = 0;
        let digit = (bytes[at] as number) - ZERO;
        for (; digit >= 0 && digit <= 9; digit = (bytes[at] as number) - ZERO) {
          value = (Math.imul(value, 10) + digit) | 0;
          at += 1;
        }
        const digits = at - first;
        if (kind === WHOLE) {
          if (digits === 0 || digits > SHORT || (digits > 1 && bytes[first] === ZERO)) {
            value = cells.whole();
            if (value < 0) return null;
            at = cells.at;
          }
          (wholes[whole] as Int32Array)[row] = value;
          whole += 1;
        } else {
          let real = value;
          let places = 0;
          if (digit === POINT) {
            const point = at + 1;
            let part = 0;
            at = point;
            digit = (bytes[at] as number) - ZERO;
            for (; digit >= 0 && digit <= 9; digit = (bytes[at] as number) - ZERO) {
              part = (Math.imul(part, 10) + digit) | 0;
              at += 1;
            }
            places = at - point || EXACT;
            const ten = TENS[places] as number;
            real = (value * ten + part) / ten;
          }
          const end = digit + ZERO;
          const short = digits > 0 && digits <= SHORT && places <= SHORT && digits + places <= EXACT;
          if (!short || (end !== COMMA && end !== LINE_END)) {
            real = cells.number();
            if (Number.isNaN(real)) return null;
            at = cells.at;
          } else if (first > cells.at) real = -real;
          (numbers[number] as Float64Array)[row] = real;
          number += 1;
        }
      }
      if (bytes[at] !== (place === last ? LINE_END : COMMA)) return null;
      at += 1;
    }
  }
  return { at, row };
}
