/** Thousandths of a whole device. */
const ALL = 1000;

/** Which attempt holds how much of which device, by the rules of the runner's own (devices/claims.ts). */
export class Claims {
  /** thousandths of each device by attempt */
  readonly #holders = new Map<number, Map<string, number>>();

  hold(attemptId: string, devices: readonly number[], milli: number): void {
    for (const device of devices) {
      const holders = this.#holders.get(device) ?? new Map<string, number>();
      this.#holders.set(device, holders.set(attemptId, milli));
    }
  }

  /** Takes so much of each of them, or nothing. @returns whether it was free */
  take(attemptId: string, devices: readonly number[], milli: number): boolean {
    if (devices.some((device) => this.#heldByOthers(device, attemptId) + milli > ALL)) return false;
    this.hold(attemptId, devices, milli);
    return true;
  }

  release(attemptId: string): void {
    for (const holders of this.#holders.values()) holders.delete(attemptId);
  }

  #heldByOthers(device: number, attemptId: string): number {
    let held = 0;
    for (const [holder, milli] of this.#holders.get(device) ?? []) if (holder !== attemptId) held += milli;
    return held;
  }
}
