const [ZERO, NINE, MINUS, POINT, COMMA, LINE_END, RETURN, QUOTE] = [48, 57, 45, 46, 44, 10, 13, 34];
/** Powers of ten that are exact as doubles. */
export const TENS = Float64Array.from({ length: 16 }, (_, power) => Number(`1e${power}`));
const MAX_EXACT_DIGITS = 15;
const NUMBER = /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/;

/** Reads cells of plain CSV from bytes in which every row ends with a line end. `NaN` and −1: not plain. */
export class PlainCells {
  at = 0;
  readonly #text: Buffer;

  constructor(readonly bytes: Uint8Array) {
    this.#text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** A whole number as numbers are written, below 2^31, else −1. */
  whole(): number {
    const { bytes } = this;
    const start = this.at;
    let at = start;
    let value = 0;
    for (let byte = bytes[at] as number; byte >= ZERO && byte <= NINE; byte = bytes[at] as number) {
      value = value * 10 + (byte - ZERO);
      at += 1;
    }
    const digits = at - start;
    this.at = at;
    if (digits === 0 || digits > 10 || value > 0x7fffffff) return -1;
    return bytes[start] === ZERO && digits > 1 ? -1 : value;
  }

  /**
   * A number, rounded to the nearest double. Up to 15 digits are a whole number that is exact, divided by a power of
   * ten that is exact: one rounding (Clinger, How to read floating point numbers accurately, 1990).
   */
  number(): number {
    const { bytes } = this;
    const start = this.at;
    let at = start;
    const negative = bytes[at] === MINUS;
    if (negative) at += 1;
    const first = at;
    let value = 0;
    for (let byte = bytes[at] as number; byte >= ZERO && byte <= NINE; byte = bytes[at] as number) {
      value = value * 10 + (byte - ZERO);
      at += 1;
    }
    let digits = at - first;
    let fraction = 0;
    if (bytes[at] === POINT && digits > 0) {
      const point = at;
      at += 1;
      for (let byte = bytes[at] as number; byte >= ZERO && byte <= NINE; byte = bytes[at] as number) {
        value = value * 10 + (byte - ZERO);
        at += 1;
      }
      fraction = at - point - 1;
      digits = fraction === 0 ? 0 : digits + fraction;
    }
    const next = bytes[at];
    if (digits === 0 || digits > MAX_EXACT_DIGITS || (next !== COMMA && next !== LINE_END)) {
      return this.#rareNumber(start);
    }
    this.at = at;
    const magnitude = fraction === 0 ? value : value / (TENS[fraction] as number);
    return negative ? -magnitude : magnitude;
  }

  /** Skips a cell of ASCII without quotes and returns; false where there is another. */
  skip(): boolean {
    const { bytes } = this;
    let at = this.at;
    let byte = bytes[at] as number;
    while (byte !== COMMA && byte !== LINE_END && byte !== RETURN && byte !== QUOTE && byte < 128) {
      at += 1;
      byte = bytes[at] as number;
    }
    this.at = at;
    return byte === COMMA || byte === LINE_END;
  }

  /** With an exponent, or more digits than are exact. */
  #rareNumber(start: number): number {
    this.at = start;
    if (!this.skip()) return Number.NaN;
    const text = this.#text.toString("latin1", start, Math.min(this.at, start + 400));
    return NUMBER.test(text) ? Number(text) : Number.NaN;
  }
}
