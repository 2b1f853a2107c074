import { type FileHandle, open } from "node:fs/promises";
import type { ModelSignature, SessionFailure, SpoolRecord, TreeEntry } from "@podium/shared";
import { readIfThere } from "../data/files.ts";

/** A session that reports more than this is stopped: its disk is shared. */
export const MAX_SPOOL_BYTES = 1024 ** 3;
const RETRY_MS = 500;

type WithoutSeq<T> = T extends unknown ? Omit<T, "seq"> : never;
export type RecordDraft = WithoutSeq<SpoolRecord>;

/** What a line of the spool keeps besides the record; it stays on this machine. */
export interface SpoolNote {
  /** the SDK frame it came from: process and that process's sequence number */
  from?: [pid: number, seq: number];
  /** byte of output.log up to which the log is in the spool */
  log_end?: number;
  ready?: { pid: number; signature: ModelSignature };
  failure?: SessionFailure;
}
export type SpoolLine = SpoolNote & { record?: RecordDraft };
export type StoredLine = SpoolNote & { record?: SpoolRecord };

/**
 * The append-only file that all records of an attempt pass through. Lines that are appended while the disk is busy go
 * into the next write together (group commit). A line that was cut off by a crash was never acknowledged to anyone
 * and is dropped at the next start.
 */
export class Spool {
  lastSeq = 0;
  logEnd = 0;
  /** bytes that are on the disk */
  durableBytes = 0;
  ready: { pid: number; signature: ModelSignature } | null = null;
  failure: SessionFailure | null = null;
  /** this attempt's own checkpoints: the hub may not know the newest yet */
  readonly checkpoints = new Map<string, TreeEntry[]>();
  /** called after every write */
  onDurable: () => void = () => {};
  /** called when a write failed (a full disk, as a rule); it is repeated until it succeeds */
  onTrouble: (error: unknown) => void = () => {};
  hasOutput = false;
  readonly #sdkSeq = new Map<number, number>();
  #queue: { bytes: Uint8Array; done: () => void }[] = [];
  #writing: Promise<void> | null = null;

  private constructor(private readonly file: FileHandle) {}

  static async open(path: string): Promise<Spool> {
    const text = (await readIfThere(path)) ?? "";
    const whole = text.slice(0, text.lastIndexOf("\n") + 1);
    const file = await open(path, "a", 0o600);
    const spool = new Spool(file);
    spool.durableBytes = Buffer.byteLength(whole);
    await file.truncate(spool.durableBytes);
    for (const line of whole.split("\n")) if (line) spool.#remember(JSON.parse(line) as StoredLine);
    return spool;
  }

  /** True when this frame of the SDK is in the spool (or on its way there) already. */
  holds(pid: number, seq: number) {
    return seq <= (this.#sdkSeq.get(pid) ?? 0);
  }

  /** Resolves once the lines are on the disk. Their order is that of the calls. */
  append(lines: readonly SpoolLine[]): Promise<void> {
    if (lines.length === 0) return this.#writing ?? Promise.resolve();
    const text = lines.map((line) => `${JSON.stringify(this.#number(line))}\n`).join("");
    return new Promise((done) => {
      this.#queue.push({ bytes: Buffer.from(text), done });
      this.#writing ??= this.#write();
    });
  }

  async close() {
    await this.#writing;
    await this.file.close();
  }

  #number(line: SpoolLine): StoredLine {
    const { record, ...note } = line;
    const stored: StoredLine = record
      ? { ...note, record: { ...record, seq: this.lastSeq + 1 } as SpoolRecord }
      : note;
    this.#remember(stored);
    return stored;
  }

  #remember(line: StoredLine) {
    if (line.record) this.lastSeq = line.record.seq;
    if (line.record?.type === "checkpoint") this.checkpoints.set(line.record.name, line.record.entries);
    if (line.record?.type === "output") this.hasOutput = true;
    if (line.log_end !== undefined) this.logEnd = line.log_end;
    if (line.from)
      this.#sdkSeq.set(line.from[0], Math.max(line.from[1], this.#sdkSeq.get(line.from[0]) ?? 0));
    if (line.ready) this.ready = line.ready;
    if (line.failure) this.failure = line.failure;
  }

  async #write() {
    // Lets everything that arrives in this turn of the event loop join the first write.
    await Promise.resolve();
    while (this.#queue.length > 0) {
      const group = this.#queue;
      this.#queue = [];
      await this.#writeUntilDone(Buffer.concat(group.map((part) => part.bytes)));
      for (const part of group) part.done();
      this.onDurable();
    }
    this.#writing = null;
  }

  /** Sequence numbers are given out already, so a write is repeated rather than given up. */
  async #writeUntilDone(bytes: Uint8Array) {
    for (;;) {
      try {
        await this.file.appendFile(bytes);
        await this.file.datasync();
        this.durableBytes += bytes.byteLength;
        return;
      } catch (error) {
        // Half a line must not stay in the middle.
        await this.file.truncate(this.durableBytes).catch(() => {});
        this.onTrouble(error);
        await Bun.sleep(RETRY_MS);
      }
    }
  }
}
