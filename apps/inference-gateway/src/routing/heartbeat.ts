import { setTimeout } from "node:timers/promises";
import type { KeyBook } from "../limits/key-book.ts";
import type { Log } from "../log.ts";
import type { Heartbeat, HubClient } from "./hub-client.ts";
import type { NewsFile } from "./news-file.ts";

const EVERY_MS = 5_000;
/** Until the hub has answered: a runner can't dial before it has heard of this gateway. */
const RETRY_MS = 1_000;

/**
 * Tells the hub that this gateway is up and where runners and callers reach it, now and every five seconds, and hears
 * of the other gateways and of what keys have used there.
 */
export class HeartbeatSender {
  acknowledged = false;
  readonly #stopped = new AbortController();

  constructor(
    private readonly hub: HubClient,
    private readonly body: Heartbeat,
    private readonly keys: Pick<KeyBook, "asking" | "apply">,
    private readonly file: NewsFile,
    private readonly log: Log,
  ) {}

  /** Runs until `stop`. */
  async run() {
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      const arrived = await this.#beat(signal);
      await setTimeout(arrived ? EVERY_MS : RETRY_MS, undefined, { signal }).catch(() => {});
    }
  }

  stop() {
    this.#stopped.abort();
  }

  async #beat(signal: AbortSignal): Promise<boolean> {
    try {
      this.keys.asking();
      const news = await this.hub.heartbeat(this.body, signal);
      this.acknowledged = true;
      if (news) {
        this.keys.apply(news);
        await this.file.write(news);
      }
      return true;
    } catch (error) {
      // The follower already tells people that the hub is away; the next beat comes by itself.
      this.log.debug({ err: error }, "The heartbeat did not arrive.");
      return false;
    }
  }
}
