import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import { type HubClient, HubRefusal } from "../routing/hub-client.ts";
import type { FiguresFile } from "./figures-file.ts";
import type { Minutes } from "./minutes.ts";

const MINUTE_MS = 60_000;
const LOOK_EVERY_MS = 1_000;
/** How long the last minutes may take at the end; what the hub does not take by then stays on disk. */
const LAST_WORDS_MS = 2_000;
const MAX_ITEMS = 1_000;

/** Writes each minute's figures to the disk when it is over, and from there sends them to the hub, in order. */
export class FiguresSender {
  #timer: Timer | null = null;
  #minute: number;
  #sending: Promise<void> | null = null;
  readonly #givenUp = new AbortController();

  constructor(
    private readonly minutes: Minutes,
    private readonly file: FiguresFile,
    private readonly hub: HubClient,
    private readonly gatewayId: string,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {
    this.#minute = this.#now();
  }

  start() {
    this.#timer = setInterval(() => this.turn(), LOOK_EVERY_MS);
  }

  /** Looks on; at the turn of a minute writes down the one that is over and sends it. */
  turn() {
    this.minutes.look();
    if (this.#now() === this.#minute) return;
    this.#save();
    this.#minute = this.#now();
    void this.send();
  }

  /** What has been counted to the disk and, if the hub answers, to the hub. */
  async stop() {
    if (this.#timer) clearInterval(this.#timer);
    this.#save();
    const timer = setTimeout(() => this.#givenUp.abort(), LAST_WORDS_MS);
    await this.#sending;
    await this.send();
    clearTimeout(timer);
    this.file.close();
  }

  /** Sends what is on disk; one round at a time. Never rejects. */
  send(): Promise<void> {
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = null;
    });
    return this.#sending;
  }

  async #sendAll() {
    for (let next = this.file.first(); next; next = this.file.first()) {
      try {
        await this.hub.reportFigures({ gateway_id: this.gatewayId, ...next }, this.#givenUp.signal);
      } catch (error) {
        // A minute that the hub will never take must not hold up those behind it.
        if (!(error instanceof HubRefusal && error.isFinal)) return;
        this.log.error(
          { err: error, minute: next.minute },
          "The hub takes no such figures; they are dropped.",
        );
      }
      this.file.acknowledge(next.sequence);
    }
  }

  #save() {
    const items = this.minutes.take();
    const minute = new Date(this.#minute * MINUTE_MS).toISOString();
    try {
      for (let start = 0; start < items.length; start += MAX_ITEMS)
        this.file.append(minute, items.slice(start, start + MAX_ITEMS));
    } catch (error) {
      this.log.error(
        { err: error },
        "A minute's figures can't be written to PODIUM_GATEWAY_DATA and are lost.",
      );
    }
  }

  #now(): number {
    return Math.floor(this.clock.now().getTime() / MINUTE_MS);
  }
}
