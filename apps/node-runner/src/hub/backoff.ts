const FIRST_MS = 100;
const LONGEST_MS = 5_000;

/** Waits that double up to five seconds, each cut by a random share so that many runners do not call at once. */
export class Backoff {
  #nextMs = FIRST_MS;
  constructor(private readonly random: () => number) {}

  /** Milliseconds to wait before the next try. */
  next(): number {
    const base = this.#nextMs;
    this.#nextMs = Math.min(base * 2, LONGEST_MS);
    return base * (0.5 + this.random() / 2);
  }

  reset() {
    this.#nextMs = FIRST_MS;
  }
}
