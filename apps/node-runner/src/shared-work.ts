type OnLine = (line: string) => void;

/**
 * One piece of work that several wait for. Each of them may leave; when the last one has left, the work is stopped.
 * Who comes late hears what has been said so far.
 */
export class SharedWork {
  /** Settles when the work has ended and, where it was stopped, nothing of it is left. */
  readonly done: Promise<void>;
  /** Settles when the work needs nothing more of who began it. */
  readonly begun: Promise<void>;
  readonly #stop = new AbortController();
  readonly #said: string[] = [];
  readonly #listeners = new Set<OnLine>();
  #waiting = 0;

  constructor(work: (onLine: OnLine, signal: AbortSignal, onBegun: () => void) => Promise<void>) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.done = work((line) => this.#say(line), this.#stop.signal, resolve);
    this.begun = Promise.race([promise, this.done]).catch(() => {});
    this.done.catch(() => {});
  }

  get isStopping() {
    return this.#stop.signal.aborted;
  }

  /** Resolves with the work; rejects with it too, or as soon as the signal aborts. */
  async join(onLine: OnLine, signal: AbortSignal): Promise<void> {
    for (const line of this.#said) onLine(line);
    this.#listeners.add(onLine);
    this.#waiting++;
    try {
      await Promise.race([this.done, rejection(signal)]);
    } finally {
      this.#listeners.delete(onLine);
      this.#waiting--;
      if (this.#waiting === 0) this.stop();
    }
  }

  stop() {
    this.#stop.abort();
  }

  #say(line: string) {
    this.#said.push(line);
    for (const onLine of this.#listeners) onLine(line);
  }
}

function rejection(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) return reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
