import { type FileHandle, open } from "node:fs/promises";
import {
  MAX_TREE_ENTRIES,
  type ModelSignature,
  type SessionFailure,
  type SpoolRecord,
  type TreeEntry,
} from "@podium/shared";

/** A session that reports more than this is stopped: its disk is shared. */
export const MAX_SPOOL_BYTES = 1024 ** 3;
const RETRY_MS = 500;
const READ_BYTES = 1024 ** 2;
const NEWLINE = 10;
/** Of all checkpoints that are remembered; the hub knows older ones. */
const MAX_KEPT_ENTRIES = MAX_TREE_ENTRIES;

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
  /** lines of output.log that are in the spool */
  logLines = 0;
  /** bytes that are on the disk */
  durableBytes = 0;
  ready: { pid: number; signature: ModelSignature } | null = null;
  failure: SessionFailure | null = null;
  /** this attempt's own newest checkpoints, which the hub may not know yet; as many as `MAX_KEPT_ENTRIES` allows */
  readonly checkpoints = new Map<string, TreeEntry[]>();
  /** called after every write */
  onDurable: () => void = () => {};
  /** called when a write failed (a full disk, as a rule); it is repeated until it succeeds */
  onTrouble: (error: unknown) => void = () => {};
  hasOutput = false;
  #keptEntries = 0;
  readonly #sdkSeq = new Map<number, number>();
  #queue: { bytes: Uint8Array; done: () => void }[] = [];
  #writing: Promise<void> | null = null;

  private constructor(private readonly file: FileHandle) {}

  static async open(path: string): Promise<Spool> {
    const spool = new Spool(await open(path, "a+", 0o600));
    await spool.#recall();
    return spool;
  }

  /** Goes through what is there piece by piece: it may be a gigabyte, and so may that of every session here. */
  async #recall() {
    let begun: Buffer[] = [];
    for (let at = 0; ; ) {
      const { bytesRead, buffer } = await this.file.read(Buffer.allocUnsafe(READ_BYTES), 0, READ_BYTES, at);
      if (bytesRead === 0) break;
      at += bytesRead;
      const piece = buffer.subarray(0, bytesRead);
      const end = piece.lastIndexOf(NEWLINE) + 1;
      begun.push(piece.subarray(0, end || bytesRead));
      if (end === 0) continue;
      const lines = Buffer.concat(begun);
      for (const line of lines.toString("utf8").split("\n")) if (line) this.#remember(JSON.parse(line));
      this.durableBytes += lines.byteLength;
      begun = [piece.subarray(end)];
    }
    await this.file.truncate(this.durableBytes);
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
    if (line.record?.type === "checkpoint") this.#keep(line.record.name, line.record.entries);
    if (line.record?.type === "output") this.hasOutput = true;
    if (line.log_end !== undefined) {
      this.logEnd = line.log_end;
      this.logLines++;
    }
    if (line.from)
      this.#sdkSeq.set(line.from[0], Math.max(line.from[1], this.#sdkSeq.get(line.from[0]) ?? 0));
    if (line.ready) this.ready = line.ready;
    if (line.failure) this.failure = line.failure;
  }

  #keep(name: string, entries: TreeEntry[]) {
    this.#forget(name);
    this.checkpoints.set(name, entries);
    this.#keptEntries += entries.length;
    for (const oldest of this.checkpoints.keys()) {
      if (this.#keptEntries <= MAX_KEPT_ENTRIES || oldest === name) return;
      this.#forget(oldest);
    }
  }

  #forget(name: string) {
    this.#keptEntries -= this.checkpoints.get(name)?.length ?? 0;
    this.checkpoints.delete(name);
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
