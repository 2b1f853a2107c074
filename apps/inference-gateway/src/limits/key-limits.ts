import type { QuotaUse, RateLimit } from "@podium/shared";
import type { Fleet } from "./fleet.ts";
import { Quota } from "./quota.ts";
import { TokenBucket } from "./token-bucket.ts";

export interface KeyLimitsRow {
  rate?: RateLimit | undefined;
  calls_per_day?: number | undefined;
  calls_per_month?: number | undefined;
}

/** What one key may use, at whatever endpoints it opens. Lives as long as its id, so that a new table forgives nothing. */
export class KeyLimits {
  bucket: TokenBucket | null = null;
  readonly day: Quota;
  readonly month: Quota;
  #admitted = 0;
  #acknowledged = 0;
  #admittedWhenAsked = 0;
  #unknownWhenAsked = 0;

  constructor(private readonly fleet: Fleet) {
    this.day = new Quota("day", fleet);
    this.month = new Quota("month", fleet);
  }

  get hasQuota(): boolean {
    return this.day.limit !== null || this.month.limit !== null;
  }

  configure({ rate, calls_per_day, calls_per_month }: KeyLimitsRow) {
    if (!rate) this.bucket = null;
    else if (this.bucket) this.bucket.configure(rate);
    else this.bucket = new TokenBucket(rate, this.fleet);
    this.day.limit = calls_per_day ?? null;
    this.month.limit = calls_per_month ?? null;
  }

  /** A call is put before a model. @param now milliseconds since the epoch */
  count(now: number) {
    this.#admitted += 1;
    this.day.count(now);
    this.month.count(now);
  }

  /** Calls that ended before this process began and that the hub has not acknowledged. */
  remember(calls: number) {
    this.#admitted += calls;
  }

  /** The hub has booked so many more of this gateway's calls. */
  acknowledge(calls: number) {
    this.#acknowledged += calls;
  }

  /** The hub is about to be asked for what it knows. */
  asking() {
    this.#admittedWhenAsked = this.#admitted;
    this.#unknownWhenAsked = Math.max(0, this.#admitted - this.#acknowledged);
  }

  /** What the hub answered. @param now milliseconds since the epoch */
  settle(use: QuotaUse, now: number) {
    const since = this.#admitted - this.#admittedWhenAsked;
    this.day.settle(use.day, now, use.calls_today, this.#unknownWhenAsked, since);
    this.month.settle(use.day, now, use.calls_this_month, this.#unknownWhenAsked, since);
  }
}
