/**
 * A running sum with the rounding errors carried along: Neumaier, Rundungsfehleranalyse einiger Verfahren zur
 * Summation endlicher Summen, ZAMM 54 (1974). Its error does not grow with the number of terms.
 */
export class Sum {
  #total = 0;
  #lost = 0;

  add(term: number): void {
    const total = this.#total + term;
    this.#lost +=
      Math.abs(this.#total) >= Math.abs(term) ? this.#total - total + term : term - total + this.#total;
    this.#total = total;
  }

  get value(): number {
    // After an overflow the lost part is NaN; the total says what happened.
    return Number.isFinite(this.#total) ? this.#total + this.#lost : this.#total;
  }
}

/** Σ of(row) over rows. */
export function sumOver(rows: number, of: (row: number) => number): number {
  let total = 0;
  let lost = 0;
  for (let row = 0; row < rows; row += 1) {
    const term = of(row);
    const next = total + term;
    lost += Math.abs(total) >= Math.abs(term) ? total - next + term : term - next + total;
    total = next;
  }
  return Number.isFinite(total) ? total + lost : total;
}

/** Σ weight·of / Σ weight; the plain mean without weights. */
export function meanOver(rows: number, of: (row: number) => number, weights: Float64Array | null): number {
  if (!weights) return sumOver(rows, of) / rows;
  const weighted = sumOver(rows, (row) => (weights[row] as number) * of(row));
  return weighted / sumOver(rows, (row) => weights[row] as number);
}
