/** Aborts, with a `TimeoutError`, once a number has not changed for `ms`, twice that at most. */
export class Patience {
  readonly #given = new AbortController();
  readonly #timer: Timer;

  constructor(ms: number, progress: () => number) {
    let seen = progress();
    this.#timer = setInterval(() => {
      const now = progress();
      if (now === seen) this.#given.abort(new DOMException("Nothing has come any more.", "TimeoutError"));
      seen = now;
    }, ms);
  }

  get signal(): AbortSignal {
    return this.#given.signal;
  }

  stop() {
    clearInterval(this.#timer);
  }
}
