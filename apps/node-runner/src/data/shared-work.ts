/** A piece of work that several may wait for. It is aborted only when nobody does any more. */
export class SharedWork {
  readonly #abort = new AbortController();
  readonly #done: Promise<void>;
  #waiting = 0;

  constructor(work: (signal: AbortSignal) => Promise<void>) {
    this.#done = work(this.#abort.signal);
    // Whoever waits hears of a failure; when nobody waits, nobody needs to.
    this.#done.catch(() => {});
  }

  /** Resolves or fails with the work; leaves at once, with the signal's reason, when the signal aborts. */
  async join(signal: AbortSignal): Promise<void> {
    this.#waiting++;
    let leave = () => {};
    const left = new Promise<never>((_, reject) => {
      leave = () => reject(signal.reason);
      signal.addEventListener("abort", leave, { once: true });
    });
    try {
      signal.throwIfAborted();
      await Promise.race([this.#done, left]);
    } finally {
      signal.removeEventListener("abort", leave);
      if (--this.#waiting === 0) this.#abort.abort(signal.reason);
    }
  }
}

/** Runs at most `width` pieces of work at once, the others in the order in which they came. */
export class Lanes {
  #free: number;
  readonly #queue: (() => void)[] = [];

  constructor(width: number) {
    this.#free = width;
  }

  async run<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#queue.push(resolve));
    try {
      signal.throwIfAborted();
      return await work();
    } finally {
      const next = this.#queue.shift();
      if (next) next();
      else this.#free++;
    }
  }
}
