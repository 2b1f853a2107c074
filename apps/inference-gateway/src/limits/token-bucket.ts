import type { RateLimit } from "@podium/shared";
import type { Fleet } from "./fleet.ts";

/** This gateway's part of a rate limit: so many calls at once, filled again steadily. Allocates nothing when it is asked. */
export class TokenBucket {
  #perMs = 0;
  #burst = 1;
  #parts = 0;
  #tokens = Number.POSITIVE_INFINITY;
  #at = 0;

  constructor(
    private limit: RateLimit,
    private readonly fleet: Fleet,
  ) {}

  /** Another limit from now on; what was taken stays taken. */
  configure(limit: RateLimit) {
    this.limit = limit;
    this.#parts = 0;
  }

  /** What the limit lets this gateway answer at once; at least 1. */
  get burst(): number {
    return this.#burst;
  }

  /** Whole calls that it would let pass now. */
  get remaining(): number {
    return Math.floor(this.#tokens);
  }

  /** Seconds until it is full again, rounded up. */
  get resetSeconds(): number {
    return Math.ceil((this.#burst - this.#tokens) / (this.#perMs * 1000));
  }

  /** Takes one call's token. @param now monotonic milliseconds @returns 0, or the ms until there is one */
  take(now: number): number {
    this.fill(now);
    if (this.#tokens >= 1) {
      this.#tokens -= 1;
      return 0;
    }
    return (1 - this.#tokens) / this.#perMs;
  }

  /** Gives back a token whose call was not let in after all. */
  giveBack() {
    this.#tokens = Math.min(this.#burst, this.#tokens + 1);
  }

  fill(now: number) {
    if (this.#parts !== this.fleet.size) this.#divide();
    this.#tokens = Math.min(this.#burst, this.#tokens + (now - this.#at) * this.#perMs);
    this.#at = now;
  }

  #divide() {
    this.#parts = this.fleet.size;
    this.#perMs = this.limit.per_second / 1000 / this.#parts;
    this.#burst = Math.max(1, this.limit.burst / this.#parts);
  }
}
