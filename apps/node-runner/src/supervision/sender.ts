import { DomainError, type SpoolRecord } from "@podium/shared";
import type { BlobCache } from "../data/blob-cache.ts";
import { waitFor } from "../hub/attempt-source.ts";
import { Backoff } from "../hub/backoff.ts";
import { type HubClient, HubUnavailable, type OnBehalf } from "../hub/client.ts";
import { sendBlobs } from "../hub/send-blobs.ts";
import type { Log } from "../log.ts";
import type { Metrics } from "../metrics.ts";
import type { Spool } from "./spool.ts";
import { type Cursor, type PlacedRecord, readRecords, saveCursor } from "./spool-reader.ts";

const MAX_RECORDS = 1000;

export interface SenderOptions {
  on: OnBehalf;
  hub: HubClient;
  blobs: BlobCache;
  spool: Spool;
  spoolPath: string;
  cursorPath: string;
  cursor: Cursor;
  log: Log;
  metrics: Metrics;
  random: () => number;
  /** The hub has given the session to a newer attempt. */
  onStale: () => void;
}

/**
 * Ships an attempt's spool to the hub, in order and for as long as it takes. The files of a checkpoint go before its
 * record, so the hub never knows of a checkpoint that it does not have.
 */
export class Sender {
  #cursor: Cursor;
  #wake: () => void = () => {};
  #waiters: { seq: number; done: () => void }[] = [];
  readonly #stopped = new AbortController();
  #running: Promise<void> | null = null;

  constructor(private readonly options: SenderOptions) {
    this.#cursor = options.cursor;
  }

  get ackedSeq() {
    return this.#cursor.acked_seq;
  }

  start() {
    this.options.spool.onDurable = () => this.#wake();
    this.#running = this.#run();
  }

  async stop() {
    this.#stopped.abort();
    this.#wake();
    await this.#running;
  }

  /** Resolves once the hub has every record up to `seq`. */
  drained(seq: number): Promise<void> {
    if (seq <= this.#cursor.acked_seq) return Promise.resolve();
    return new Promise((done) => this.#waiters.push({ seq, done }));
  }

  async #run() {
    const { spool, spoolPath, log, metrics, onStale, random } = this.options;
    const backoff = new Backoff(random);
    while (!this.#stopped.signal.aborted) {
      try {
        const work = await readRecords(spoolPath, this.#cursor.offset, spool.durableBytes, MAX_RECORDS);
        if (work.records.length > 0) await this.#ship(work.records);
        else if (work.end > this.#cursor.offset) this.#cursor = { ...this.#cursor, offset: work.end };
        else await this.#untilMore();
        backoff.reset();
      } catch (error) {
        if (error instanceof DomainError && error.code === "stale_epoch") return onStale();
        metrics.sendFailures.inc();
        log[error instanceof HubUnavailable ? "debug" : "error"](
          { err: error, ...this.options.on },
          "records could not be sent",
        );
        await waitFor(backoff.next(), this.#stopped.signal);
      }
    }
  }

  /** Sends the records up to the next one with files; or that one alone, after its files. */
  async #ship(placed: PlacedRecord[]) {
    const first = placed[0];
    const withFiles = placed.findIndex(({ record }) => "entries" in record);
    const group = withFiles === 0 ? placed.slice(0, 1) : withFiles > 0 ? placed.slice(0, withFiles) : placed;
    if (withFiles === 0 && first) await this.#shipWithFiles(first);
    else await this.#post(group);
  }

  async #shipWithFiles(placed: PlacedRecord) {
    const { record } = placed;
    if (!("entries" in record)) return;
    try {
      await sendBlobs(this.options, record.entries, this.#stopped.signal);
      await this.#post([placed]);
    } catch (error) {
      if (!isFinal(error)) throw error;
      // Refused for good (too large, say): its place in the order is taken by a line that tells the user so.
      const name = record.type === "checkpoint" ? `The checkpoint "${record.name}"` : "The output";
      const text = `[podium] ${name} was not stored: ${error.message}`;
      await this.#post([{ end: placed.end, record: { type: "log", seq: record.seq, at: record.at, text } }]);
    }
    for (const entry of record.entries) this.options.blobs.unpin(entry.sha256);
  }

  async #post(placed: PlacedRecord[]) {
    const { hub, on, metrics, cursorPath } = this.options;
    const records: SpoolRecord[] = placed.map(({ record }) => record);
    const { acked_seq } = await hub.postRecords(on, records);
    const reached = placed.findLast(({ record }) => record.seq <= acked_seq);
    if (!reached) throw new HubUnavailable(`The hub acknowledged only ${acked_seq} records.`);
    metrics.sent.inc(reached.record.seq - this.#cursor.acked_seq);
    this.#cursor = { acked_seq: reached.record.seq, offset: reached.end };
    await saveCursor(cursorPath, this.#cursor);
    this.#waiters = this.#waiters.filter((waiter) => {
      if (waiter.seq > this.#cursor.acked_seq) return true;
      waiter.done();
      return false;
    });
  }

  #untilMore(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      const { spool } = this.options;
      if (this.#stopped.signal.aborted || spool.durableBytes > this.#cursor.offset) resolve();
    });
  }
}

/** Refusals that the same request would meet again. */
function isFinal(error: unknown): error is DomainError {
  const codes = [
    "invalid_request",
    "payload_too_large",
    "hash_mismatch",
    "limit_reached",
    "insufficient_credits",
  ];
  return error instanceof DomainError && codes.includes(error.code);
}
