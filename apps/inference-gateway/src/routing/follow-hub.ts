import { setTimeout } from "node:timers/promises";
import type { RouteTable } from "@podium/shared";
import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import type { HubClient } from "./hub-client.ts";
import type { Routes } from "./routes.ts";
import type { TableFile } from "./table-file.ts";

const FIRST_WAIT_MS = 200;
const LONGEST_WAIT_MS = 5_000;
/** "Newer than" what every table is. */
const WHOLE_TABLE = -1;
/** Unknown replica tokens make the gateway ask the hub at most this often. */
const REFRESH_EVERY_MS = 1_000;

/** Keeps the route table equal to the hub's, and a copy on disk for when the hub is away. */
export class HubFollower {
  hubAnswers = false;
  readonly #stopped = new AbortController();
  #refreshing: Promise<void> | null = null;
  #refreshedAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly hub: HubClient,
    private readonly routes: Routes,
    private readonly file: TableFile,
    private readonly clock: Clock,
    private readonly random: () => number,
    private readonly log: Log,
  ) {}

  /** Loads the table of the last run, if any. A damaged one is set aside: the hub has the truth. */
  async loadFromDisk() {
    try {
      const table = await this.file.read();
      if (table) this.routes.apply(table);
    } catch (error) {
      this.log.warn({ err: error }, "The saved route table can't be read; waiting for the hub's.");
    }
  }

  /** Follows the hub until `stop`. The first question after a break asks for the whole table: the hub may be another. */
  async run() {
    let waitMs = FIRST_WAIT_MS;
    while (!this.#stopped.signal.aborted) {
      try {
        const table = await this.hub.routes(this.#askAfter(), this.#stopped.signal);
        this.#answered();
        waitMs = FIRST_WAIT_MS;
        if (table) await this.#take(table);
      } catch (error) {
        if (this.#stopped.signal.aborted) return;
        this.#failed(error);
        await this.#pause(waitMs * (0.5 + this.random() / 2));
        waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
      }
    }
  }

  /** Asks the hub at once, for a replica whose token is not in the table yet. Many callers share one question. */
  refresh(): Promise<void> {
    if (this.#refreshing) return this.#refreshing;
    if (this.clock.elapsedMs() - this.#refreshedAt < REFRESH_EVERY_MS) return Promise.resolve();
    this.#refreshing = this.#refreshNow().finally(() => {
      this.#refreshing = null;
      this.#refreshedAt = this.clock.elapsedMs();
    });
    return this.#refreshing;
  }

  stop() {
    this.#stopped.abort();
  }

  async #refreshNow() {
    try {
      const table = await this.hub.routes(
        0,
        AbortSignal.any([this.#stopped.signal, AbortSignal.timeout(3_000)]),
      );
      if (table && table.version !== this.routes.version) await this.#take(table);
    } catch (error) {
      this.log.debug({ err: error }, "The route table could not be refreshed.");
    }
  }

  #askAfter(): number {
    return this.hubAnswers ? (this.routes.version ?? WHOLE_TABLE) : WHOLE_TABLE;
  }

  async #take(table: RouteTable) {
    this.routes.apply(table);
    this.log.info(
      { version: table.version, endpoints: table.endpoints.length },
      "The route table is in force.",
    );
    try {
      await this.file.write(table);
    } catch (error) {
      this.log.error(
        { err: error },
        "The route table can't be saved; a restart without the hub would serve an old one.",
      );
    }
  }

  #answered() {
    if (!this.hubAnswers) this.log.info("The hub answers.");
    this.hubAnswers = true;
  }

  #failed(error: unknown) {
    const message = error instanceof Error ? error.message : String(error);
    if (this.hubAnswers || this.routes.version === null) {
      this.log.warn(
        { reason: message, version: this.routes.version },
        "The hub does not answer; serving from the last route table.",
      );
    }
    this.hubAnswers = false;
  }

  /** Ends early when the gateway stops. */
  async #pause(ms: number) {
    await setTimeout(ms, undefined, { signal: this.#stopped.signal }).catch(() => {});
  }
}
