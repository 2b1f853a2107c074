import { type Api, ok } from "./client.ts";
import { CliError, refusal } from "./errors.ts";
import { type FilePart, PartBody } from "./file-part.ts";
import { newIdempotencyKey } from "./ids.ts";
import { changed } from "./open-local.ts";
import type { NamedFile } from "./read-local.ts";
import { patiently, sendWithRetries } from "./retry.ts";
import { TransferBatch } from "./transfer-batch.ts";

const BATCHES = 3;
/** Parts of files that are on their way at once: so many that the hub always has one to work on. */
const PARTS = 5;
const ASKED_AT_ONCE = 10_000;
/** After so many chunks in a row that the hub lacked, it is no longer asked about each. */
const SURELY_NEW = 8;
const MOST_UNASKED = 64;

export interface UploaderOptions {
  api: Api;
  /** Whose the files become; undefined: one's personal team. */
  team: string | undefined;
  onSent(bytes: number): void;
  /** The hub does not answer, and is waited for. */
  onWait(error: Error): void;
}

/**
 * Sends blobs while others are still read and named: small ones in batches, of which a full one goes off, large ones each
 * by itself. Only what the hub lacks is sent: so an interrupted push that is run again goes on where it was.
 */
export class Uploader {
  readonly #offered = new Set<string>();
  readonly #free: TransferBatch[] = Array.from({ length: BATCHES - 1 }, () => new TransferBatch());
  readonly #flying = new Set<Promise<void>>();
  #filling = new TransferBatch();
  #partsFlying = 0;
  readonly #asking = new Asking();
  #failure: unknown = null;
  /** A hub that was never reached is not waited for: its address may be wrong. */
  #reached = false;
  sentBytes = 0;

  constructor(private readonly options: UploaderOptions) {}

  /** Room for a small file of up to `size` bytes; waits until there is some. Throws when the sending has failed. */
  async room(size: number): Promise<Buffer> {
    for (;;) {
      if (this.#failure !== null) throw this.#failure;
      const room = this.#filling.room(size);
      if (room) return room;
      await this.#flush();
    }
  }

  /** Offers what was read into the room. */
  keep(sha256: string, size: number) {
    if (this.#isOffered(sha256)) return;
    this.#filling.keep(sha256, size);
  }

  /** Waits until one more part may fly. Throws when the sending has failed. */
  async turn(): Promise<void> {
    // Reading and naming is synchronous: here what flies gets its turn.
    await giveWay();
    while (this.#partsFlying === PARTS) await Promise.race(this.#flying);
    if (this.#failure !== null) throw this.#failure;
  }

  /** Offers a part of a file, which goes off at once. */
  keepPart(sha256: string, part: FilePart) {
    if (this.#isOffered(sha256)) return;
    this.#partsFlying += 1;
    this.#fly(this.#sendPart(sha256, part), () => {
      this.#partsFlying -= 1;
    });
  }

  #isOffered(sha256: string): boolean {
    if (this.#offered.has(sha256)) return true;
    this.#offered.add(sha256);
    return false;
  }

  /** Resolves when the hub has everything that was offered. */
  async finish() {
    await this.#flush();
    await Promise.all(this.#flying);
    if (this.#failure !== null) throw this.#failure;
    for (const batch of [...this.#free, this.#filling]) batch.release();
  }

  /** What was sent may be gone again: what is offered from now on is asked about anew. */
  doubt() {
    this.#offered.clear();
    this.#asking.again();
  }

  /** Those names that the team has not sent yet. */
  async missing(names: readonly string[]): Promise<Set<string>> {
    const missing = new Set<string>();
    for (let at = 0; at < names.length; at += ASKED_AT_ONCE) {
      const body = { ...this.#owner(), sha256: names.slice(at, at + ASKED_AT_ONCE) };
      const answer = await this.#patiently(() =>
        ok(this.options.api.POST("/api/v1/blobs/missing", { body })),
      );
      for (const name of answer.missing) missing.add(name);
    }
    return missing;
  }

  /** Names a large file whose chunks have been sent. */
  async compose({ sha256, size, chunks }: NamedFile) {
    const body = { ...this.#owner(), sha256, size, chunks: chunks ?? [] };
    await this.#patiently(() => ok(this.options.api.POST("/api/v1/blobs/composed", { body })));
  }

  async #flush() {
    if (this.#filling.isEmpty) return;
    const batch = this.#filling;
    this.#fly(this.#sendBatch(batch), () => {
      batch.clear();
      this.#free.push(batch);
    });
    await giveWay();
    while (this.#free.length === 0) await Promise.race(this.#flying);
    this.#filling = this.#free.pop() as TransferBatch;
  }

  /** What fails here is thrown to whoever offers the next. */
  #fly(work: Promise<void>, landed: () => void) {
    const flying = work
      .catch((error) => {
        this.#failure ??= error;
      })
      .finally(() => {
        landed();
        this.#flying.delete(flying);
      });
    this.#flying.add(flying);
  }

  async #sendPart(sha256: string, part: FilePart) {
    if (!(await this.#asking.isWanted(async () => (await this.missing([sha256])).has(sha256)))) return;
    const body = new PartBody(part);
    try {
      await this.#patiently(() => this.#request("PUT", `/api/v1/blobs/${sha256}`, () => body.open()));
    } catch (error) {
      const isAnother = error instanceof CliError && error.code === "hash_mismatch";
      throw isAnother ? changed(part.file, "other bytes were sent than had been read") : error;
    } finally {
      body.close();
    }
    this.#sent(part.size);
  }

  async #sendBatch(batch: TransferBatch) {
    const pack = batch.pack(await this.missing(batch.names));
    if (!pack) return;
    await this.#patiently(() => this.#request("POST", "/api/v1/blobs/pack", () => pack.bytes));
    this.#sent(pack.content);
  }

  #sent(bytes: number) {
    this.sentBytes += bytes;
    this.options.onSent(this.sentBytes);
  }

  /** `bytes` are asked for anew for every try. Throws a `CliError` when the hub refuses. */
  async #request(method: string, path: string, bytes: () => Buffer | Blob): Promise<void> {
    const { api, team } = this.options;
    const query = team === undefined ? "" : `?team=${encodeURIComponent(team)}`;
    const headers = { "Content-Type": "application/octet-stream", "Idempotency-Key": newIdempotencyKey() };
    const make = () => api.request(path + query, { method, headers, body: bytes() as BodyInit });
    const response = await sendWithRetries(make);
    if (response.ok) return void (await response.arrayBuffer());
    throw refusal(await response.json().catch(() => null), response) satisfies CliError;
  }

  async #patiently<T>(step: () => Promise<T>): Promise<T> {
    const answer = this.#reached ? await patiently(step, this.options.onWait) : await step();
    this.#reached = true;
    return answer;
  }

  #owner() {
    const { team } = this.options;
    return team === undefined ? {} : { team };
  }
}

/** Whether to ask about a chunk before it is sent. In a file that the hub has never seen every question is a waste. */
class Asking {
  #missingInARow = 0;
  #unasked = 0;

  async isWanted(ask: () => Promise<boolean>): Promise<boolean> {
    if (this.#unasked > 0) {
      this.#unasked -= 1;
      return true;
    }
    const isMissing = await ask();
    this.#missingInARow = isMissing ? this.#missingInARow + 1 : 0;
    if (this.#missingInARow >= SURELY_NEW) this.#unasked = Math.min(this.#missingInARow, MOST_UNASKED);
    return isMissing;
  }

  again() {
    this.#missingInARow = 0;
    this.#unasked = 0;
  }
}

const giveWay = () => new Promise((resolve) => setImmediate(resolve));
