/**
 * Calls of one endpoint since the last report. `calls`: requests that were admitted (key and size in order)
 * and have ended; `failed`: those of them that were answered with anything but 200. The hub charges the difference.
 */
export interface Usage {
  calls: number;
  failed: number;
}

export interface UsageItem extends Usage {
  endpoint_id: string;
}

/** Counts calls in memory until the next flush takes them. */
export class UsageCounter {
  readonly #byEndpoint = new Map<string, Usage>();

  /** The running count of one endpoint, to be added to directly. */
  of(endpointId: string): Usage {
    let usage = this.#byEndpoint.get(endpointId);
    if (!usage) {
      usage = { calls: 0, failed: 0 };
      this.#byEndpoint.set(endpointId, usage);
    }
    return usage;
  }

  /** Takes what was counted and starts again from zero. */
  take(): UsageItem[] {
    const items: UsageItem[] = [];
    for (const [endpoint_id, usage] of this.#byEndpoint) {
      if (usage.calls === 0) continue;
      items.push({ endpoint_id, calls: usage.calls, failed: usage.failed });
      usage.calls = 0;
      usage.failed = 0;
    }
    return items;
  }

  /** Puts back what could not be written. */
  restore(items: UsageItem[]) {
    for (const { endpoint_id, calls, failed } of items) {
      const usage = this.of(endpoint_id);
      usage.calls += calls;
      usage.failed += failed;
    }
  }
}
