/** How long each part of the demo took, ms. */
export class Durations {
  readonly ms: Record<string, number> = {};
  readonly #start = performance.now();

  /** Does the work and keeps how long it took under a name. */
  async time<T>(name: string, work: () => Promise<T>): Promise<T> {
    const start = performance.now();
    try {
      return await work();
    } finally {
      this.ms[name] = Math.round(performance.now() - start);
    }
  }

  /** All of them, with the total so far. */
  withTotal(): Record<string, number> {
    return { ...this.ms, total: Math.round(performance.now() - this.#start) };
  }
}
