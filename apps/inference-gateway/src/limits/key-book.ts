import type { GatewayNews } from "@podium/shared";
import type { Clock } from "../clock.ts";
import type { Fleet } from "./fleet.ts";
import { KeyLimits, type KeyLimitsRow } from "./key-limits.ts";

interface Counted {
  key_id?: string | undefined;
  calls: number;
}

/** The limits of every key that is known here, by its id. */
export class KeyBook {
  #limits = new Map<string, KeyLimits>();
  /** calls on disk of keys that no table has named yet */
  readonly #remembered = new Map<string, number>();

  constructor(
    readonly fleet: Fleet,
    private readonly clock: Clock,
  ) {}

  /** Calls that wait on disk for the hub, at the start. */
  remember(items: readonly Counted[]) {
    for (const { key_id, calls } of items)
      if (key_id) this.#remembered.set(key_id, (this.#remembered.get(key_id) ?? 0) + calls);
  }

  /** The hub has booked these calls. */
  acknowledge(items: readonly Counted[]) {
    for (const { key_id, calls } of items) if (key_id) this.#limits.get(key_id)?.acknowledge(calls);
  }

  asking() {
    for (const limits of this.#limits.values()) limits.asking();
  }

  apply(news: GatewayNews) {
    this.fleet.apply(news);
    const now = this.clock.now().getTime();
    for (const use of news.quotas) this.#limits.get(use.key_id)?.settle(use, now);
  }

  /** Begins a new table: keys that are not named until `finish` are forgotten. */
  begin(): { of(id: string, row: KeyLimitsRow): KeyLimits; finish(): void } {
    const next = new Map<string, KeyLimits>();
    return {
      of: (id, row) => {
        const limits = next.get(id) ?? this.#limits.get(id) ?? this.#make(id);
        limits.configure(row);
        next.set(id, limits);
        return limits;
      },
      finish: () => {
        this.#limits = next;
      },
    };
  }

  #make(id: string): KeyLimits {
    const limits = new KeyLimits(this.fleet);
    limits.remember(this.#remembered.get(id) ?? 0);
    this.#remembered.delete(id);
    return limits;
  }
}
