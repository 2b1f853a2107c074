/** Thousandths of a whole device. */
const ALL = 1000;

/**
 * Which attempt holds how much of which device on this machine. What is held is handed on only after its holder has let
 * go, and a holder lets go only when no process of it is left: the local half of "a device is never promised twice".
 */
export class DeviceClaims {
  /** thousandths of each device by attempt */
  readonly #holders = new Map<number, Map<string, number>>();
  #waiting: (() => void)[] = [];

  /** Takes devices at once, for an attempt that already runs on them. */
  hold(attemptId: string, devices: readonly number[], milli = ALL) {
    for (const device of devices) {
      const holders = this.#holders.get(device) ?? new Map<string, number>();
      this.#holders.set(device, holders.set(attemptId, milli));
    }
  }

  /** Waits until so much of each of them is free, then takes it of all together. Rejects when `signal` aborts. */
  async claim(attemptId: string, devices: readonly number[], signal: AbortSignal, milli = ALL) {
    while (devices.some((device) => this.#heldByOthers(device, attemptId) + milli > ALL)) {
      signal.throwIfAborted();
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
        signal.addEventListener("abort", () => resolve(), { once: true });
      });
    }
    signal.throwIfAborted();
    this.hold(attemptId, devices, milli);
  }

  release(attemptId: string) {
    for (const holders of this.#holders.values()) holders.delete(attemptId);
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }

  #heldByOthers(device: number, attemptId: string): number {
    let held = 0;
    for (const [holder, milli] of this.#holders.get(device) ?? []) if (holder !== attemptId) held += milli;
    return held;
  }
}
