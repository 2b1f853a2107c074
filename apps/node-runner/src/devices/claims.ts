/**
 * Which attempt holds which device on this machine. A device is handed on only after its holder has let go, and a
 * holder lets go only when no process of it is left: the local half of "never two live attempts on a device".
 */
export class DeviceClaims {
  readonly #holders = new Map<number, string>();
  #waiting: (() => void)[] = [];

  /** Takes devices at once, for an attempt that already runs on them. */
  hold(attemptId: string, devices: readonly number[]) {
    for (const device of devices) this.#holders.set(device, attemptId);
  }

  /** Waits until all of them are free, then takes them together. Rejects when `signal` aborts. */
  async claim(attemptId: string, devices: readonly number[], signal: AbortSignal) {
    while (devices.some((device) => (this.#holders.get(device) ?? attemptId) !== attemptId)) {
      signal.throwIfAborted();
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
        signal.addEventListener("abort", () => resolve(), { once: true });
      });
    }
    signal.throwIfAborted();
    this.hold(attemptId, devices);
  }

  release(attemptId: string) {
    for (const [device, holder] of this.#holders) if (holder === attemptId) this.#holders.delete(device);
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }
}
