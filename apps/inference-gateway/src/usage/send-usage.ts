import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import type { HubClient } from "../routing/hub-client.ts";
import type { UsageCounter } from "./usage-counter.ts";
import type { UsageItem } from "./usage-item.ts";
import type { UsageLog } from "./usage-log.ts";

/** How long the last reports may take at the end; what the hub does not take by then stays on disk. */
const LAST_WORDS_MS = 3_000;

/** Takes the counts to the disk, and from there to the hub, every few seconds and once more at the end. */
export class UsageSender {
  #timer: Timer | null = null;
  #round: Promise<void> = Promise.resolve();
  #waiting = false;
  readonly #givenUp = new AbortController();

  constructor(
    private readonly counter: UsageCounter,
    private readonly usageLog: UsageLog,
    private readonly hub: HubClient,
    private readonly clock: Clock,
    private readonly log: Log,
    private readonly onAcknowledged: (items: UsageItem[]) => void = () => {},
  ) {}

  start(everyMs: number) {
    this.#timer = setInterval(() => void this.flush(), everyMs);
    void this.flush();
  }

  /** The last counts to the disk and, if the hub answers, to the hub; then the file is closed. */
  async stop() {
    if (this.#timer) clearInterval(this.#timer);
    const timer = setTimeout(() => this.#givenUp.abort(), LAST_WORDS_MS);
    await this.flush();
    clearTimeout(timer);
    await this.usageLog.close();
  }

  /** One round: never two at once, and at most one that waits its turn. Never rejects. */
  flush(): Promise<void> {
    if (this.#waiting) return this.#round;
    this.#waiting = true;
    this.#round = this.#round.then(() => {
      this.#waiting = false;
      return this.#flushNow();
    });
    return this.#round;
  }

  async #flushNow() {
    await this.#save();
    try {
      // In order: an acknowledgement stands for all reports before it.
      for (const report of [...this.usageLog.pending]) {
        await this.hub.reportUsage(report, this.#givenUp.signal);
        await this.usageLog.acknowledge(report.sequence);
        this.onAcknowledged(report.items);
      }
    } catch (error) {
      this.log.debug(
        { err: error, pending: this.usageLog.pending.length },
        "Usage waits on disk for the hub.",
      );
    }
  }

  async #save() {
    try {
      await this.counter.report(this.clock.now());
    } catch (error) {
      this.log.error(
        { err: error },
        "Usage can't be written to PODIUM_GATEWAY_DATA and stays in its counts. Free some space there.",
      );
    }
  }
}
