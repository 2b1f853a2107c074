import type { Fleet } from "./fleet.ts";

const DAY_MS = 86_400_000;

/**
 * Calls of one key against its quota of a period of UTC. Between two words of the hub a gateway lets its part of what
 * was left pass, never less than one call: gateways that the hub can't reach together exceed a quota by less than what
 * was left when they last heard, and gateways that hear of each other by less than their number.
 */
export class Quota {
  /** null: no quota */
  limit: number | null = null;
  #period = -1;
  #endsAt = 0;
  /** calls that the hub knows of, and this gateway's that the hub did not know of when it said so */
  #base = 0;
  /** this gateway's calls since */
  #since = 0;

  constructor(
    private readonly kind: "day" | "month",
    private readonly fleet: Fleet,
  ) {}

  /** 0, or seconds until the period ends when nothing is left. @param now milliseconds since the epoch */
  secondsToWait(now: number): number {
    if (this.limit === null) return 0;
    this.#turn(now);
    if (this.#since < Math.ceil((this.limit - this.#base) / this.fleet.size)) return 0;
    return Math.max(1, Math.ceil((this.#endsAt - now) / 1000));
  }

  get remaining(): number {
    return Math.max(0, (this.limit ?? 0) - this.#base - this.#since);
  }

  count(now: number) {
    this.#turn(now);
    this.#since += 1;
  }

  /**
   * The hub's word for the period of `day`.
   * @param known  calls that it has booked
   * @param unknown  this gateway's calls of which the hub could not know when it was asked
   * @param sinceAsked  this gateway's calls since then
   */
  settle(day: string, now: number, known: number, unknown: number, sinceAsked: number) {
    this.#turn(now);
    if (this.#periodOf(new Date(`${day}T00:00:00Z`)) !== this.#period) return;
    this.#base = known + unknown;
    this.#since = sinceAsked;
  }

  #turn(now: number) {
    if (now < this.#endsAt) return;
    const date = new Date(now);
    this.#period = this.#periodOf(date);
    this.#endsAt =
      this.kind === "day"
        ? (Math.floor(now / DAY_MS) + 1) * DAY_MS
        : Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
    this.#base = 0;
    this.#since = 0;
  }

  #periodOf(date: Date): number {
    return this.kind === "day"
      ? Math.floor(date.getTime() / DAY_MS)
      : date.getUTCFullYear() * 12 + date.getUTCMonth();
  }
}
