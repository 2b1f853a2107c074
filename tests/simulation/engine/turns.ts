/**
 * Lets many async functions take turns: one runs until it ends or waits, and then says so to whoever started it. So a
 * simulation decides who goes on, and the order of what happens is its own, never the event loop's.
 */
export class Turns {
  #yielded = Promise.withResolvers<void>();

  constructor(private readonly onFault: (error: unknown) => void) {}

  /** Begins work; resolves when it has ended, waits, or is gone for good. */
  async run(work: () => Promise<void>): Promise<void> {
    const yielded = this.#next();
    work()
      .catch(this.onFault)
      .finally(() => this.#yielded.resolve());
    await yielded;
  }

  /**
   * Waits. `register` gets what lets it go on, which resolves when the work has ended or waits again; called twice or
   * never, the work is gone.
   */
  wait(register: (goOn: () => Promise<void>) => void): Promise<void> {
    return new Promise((resolve) => {
      register(() => {
        const yielded = this.#next();
        resolve();
        return yielded;
      });
      this.#yielded.resolve();
    });
  }

  /** The work that calls this never goes on: its process has died. */
  never(): Promise<never> {
    this.#yielded.resolve();
    return new Promise(() => undefined);
  }

  #next(): Promise<void> {
    this.#yielded = Promise.withResolvers<void>();
    return this.#yielded.promise;
  }
}
