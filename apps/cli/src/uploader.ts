import { type Api, ok } from "./client.ts";
import { type CliError, refusal } from "./errors.ts";
import { newIdempotencyKey } from "./ids.ts";
import type { NamedFile } from "./read-local.ts";
import { patiently, sendWithRetries } from "./retry.ts";
import { TransferBatch } from "./transfer-batch.ts";

const BATCHES = 3;
const ASKED_AT_ONCE = 10_000;

export interface UploaderOptions {
  api: Api;
  /** Whose the files become; undefined: one's personal team. */
  team: string | undefined;
  onSent(bytes: number): void;
  /** The hub does not answer, and is waited for. */
  onWait(error: Error): void;
}

/**
 * Sends blobs while others are still read and named: a full batch goes off, at most three at once; of each only what
 * the hub lacks is sent. So an interrupted push that is run again goes on where it was.
 */
export class Uploader {
  readonly #offered = new Set<string>();
  readonly #free: TransferBatch[] = Array.from({ length: BATCHES - 1 }, () => new TransferBatch());
  readonly #flying = new Set<Promise<void>>();
  #filling = new TransferBatch();
  #failure: unknown = null;
  /** A hub that was never reached is not waited for: its address may be wrong. */
  #reached = false;
  sentBytes = 0;

  constructor(private readonly options: UploaderOptions) {}

  /** Room for a blob of up to `size` bytes; waits until there is some. Throws when the sending has failed. */
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
    if (this.#offered.has(sha256)) return;
    this.#offered.add(sha256);
    this.#filling.keep(sha256, size);
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
    const sending = this.#send(batch)
      .catch((error) => {
        this.#failure ??= error;
      })
      .finally(() => {
        batch.clear();
        this.#free.push(batch);
        this.#flying.delete(sending);
      });
    this.#flying.add(sending);
    // Reading small files is synchronous: here the batches that fly get their turn.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#free.length === 0) await Promise.race(this.#flying);
    this.#filling = this.#free.pop() as TransferBatch;
  }

  async #send(batch: TransferBatch) {
    const missing = await this.missing(batch.names);
    const alone = [...batch.large(missing)].map(async ({ sha256, bytes }) => {
      await this.#patiently(() => this.#request("PUT", `/api/v1/blobs/${sha256}`, bytes));
      this.#sent(bytes.byteLength);
    });
    // The buffer is used again only when none of them needs it any more, also after a failure.
    await Promise.allSettled(alone);
    await Promise.all(alone);
    const pack = batch.pack(missing);
    if (!pack) return;
    await this.#patiently(() => this.#request("POST", "/api/v1/blobs/pack", pack.bytes));
    this.#sent(pack.content);
  }

  #sent(bytes: number) {
    this.sentBytes += bytes;
    this.options.onSent(this.sentBytes);
  }

  /** Throws a `CliError` when the hub refuses. */
  async #request(method: string, path: string, bytes: Buffer): Promise<void> {
    const { api, team } = this.options;
    const query = team === undefined ? "" : `?team=${encodeURIComponent(team)}`;
    const headers = { "Content-Type": "application/octet-stream", "Idempotency-Key": newIdempotencyKey() };
    const body = bytes as Uint8Array<ArrayBuffer>;
    const response = await sendWithRetries(() => api.request(path + query, { method, headers, body }));
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
