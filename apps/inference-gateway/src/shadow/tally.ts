import type { TensorPart } from "@podium/shared";

/** What a replica answered to one call. */
export interface Answer {
  answer: Uint8Array;
  outputs: TensorPart[] | undefined;
}

/** How two answers to the same request compare. */
export interface Comparison {
  agrees: boolean;
  /** largest and mean absolute difference of numbers; null: none were compared, or they can't be */
  max: number | null;
  mean: number | null;
  /** they differ in something else than the size of a number */
  differs: boolean;
  /** output or path of the largest difference; empty when there is none */
  where: string;
}

const LONGEST_PLACE = 120;

/** Adds up the differences between two answers, one place at a time. */
export class Tally {
  #count = 0;
  #sum = 0;
  #max = 0;
  #agrees = true;
  #differs = false;
  #where = "";

  constructor(private readonly tolerance: number) {}

  /** @param where what place it is, asked only when this is the largest difference yet */
  numbers(a: number, b: number, where: () => string) {
    if (a === b || (Number.isNaN(a) && Number.isNaN(b))) {
      this.#count += 1;
      return;
    }
    const difference = Math.abs(a - b);
    if (!Number.isFinite(difference)) return this.differ(where());
    this.#count += 1;
    this.#sum += difference;
    if (difference > this.tolerance * Math.max(1, Math.abs(a), Math.abs(b))) this.#agrees = false;
    if (difference <= this.#max) return;
    this.#max = difference;
    if (!this.#differs) this.#where = where();
  }

  /** Something that is no matter of size. The first place is kept. */
  differ(where: string) {
    if (!this.#differs) this.#where = where;
    this.#differs = true;
    this.#agrees = false;
  }

  result(): Comparison {
    const isNumeric = this.#count > 0;
    return {
      agrees: this.#agrees,
      max: isNumeric ? this.#max : null,
      mean: isNumeric ? this.#sum / this.#count : null,
      differs: this.#differs,
      where: this.#where.slice(0, LONGEST_PLACE),
    };
  }
}
