import type { Log } from "../log.ts";
import type { Heartbeat, HubClient } from "./hub-client.ts";

const EVERY_MS = 5_000;

/** Tells the hub that this gateway is up and where runners and callers reach it, now and every five seconds. */
export class HeartbeatSender {
  acknowledged = false;
  #timer: Timer | null = null;
  readonly #stopped = new AbortController();

  constructor(
    private readonly hub: HubClient,
    private readonly body: Heartbeat,
    private readonly log: Log,
  ) {}

  start() {
    this.#timer = setInterval(() => void this.#beat(), EVERY_MS);
    void this.#beat();
  }

  stop() {
    if (this.#timer) clearInterval(this.#timer);
    this.#stopped.abort();
  }

  async #beat() {
    try {
      await this.hub.heartbeat(this.body, this.#stopped.signal);
      this.acknowledged = true;
    } catch (error) {
      // The follower already tells people that the hub is away; the next beat comes by itself.
      this.log.debug({ err: error }, "The heartbeat did not arrive.");
    }
  }
}
