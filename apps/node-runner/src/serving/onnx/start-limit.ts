/**
 * How long a model's process may be without serving. Native code can't be interrupted in its own thread, so the time is
 * kept out here. It runs whenever the model is not ready: at its start, and when a runner that was restarted finds a
 * process which is busy for ever and does not dial in.
 */
export class StartLimit {
  #timer: Timer | null = null;

  /** @param ms until `onLate` is called */
  constructor(
    private readonly ms: number,
    private readonly onLate: () => void,
  ) {}

  /** To be told at the start, and whenever it may have changed. */
  follow(isReady: boolean) {
    if (isReady) this.clear();
    else this.#timer ??= setTimeout(this.onLate, this.ms);
  }

  clear() {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
