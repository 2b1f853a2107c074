import { open } from "node:fs/promises";
import type { SessionFailure } from "@podium/shared";
import type { Clock } from "../clock.ts";
import { isErrno } from "../data/files.ts";
import { logTooLong, tooManyLines } from "./failures.ts";
import type { Spool, SpoolLine } from "./spool.ts";

const READ_BYTES = 256 * 1024;
/** A longer line is cut into pieces of this many bytes. */
const MAX_LINE_BYTES = 16 * 1024;
const NEWLINE = 10;
/** Each line is a record of a hundred bytes in the spool and a row at the hub, also an empty one. */
const MAX_LINES = 1_000_000;

export interface LogTailOptions {
  path: string;
  spool: Spool;
  clock: Clock;
  maxBytes: number;
  maxLines?: number;
  /** Called once, with what to tell the session, when it has written more than `maxBytes` or `maxLines`. */
  onTooLong: (failure: SessionFailure) => void;
}

/**
 * Turns what the session writes into log records, one a line. The place up to which it has read is kept in the spool
 * with the records themselves, so that after a crash no line is missing and none is there twice.
 */
export class LogTail {
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  #tooLong = false;
  #running: Promise<boolean> | null = null;

  constructor(private readonly options: LogTailOptions) {}

  /** The session has written more than is kept. */
  get isTooLong() {
    return this.#tooLong;
  }

  /** Reads what is new; resolves when it is in the spool. Calls that overlap join one another. */
  async poll() {
    while (await this.#step(false)) {
      // A session may write faster than one step reads.
    }
  }

  /** Reads to the end, the unfinished last line included. To be called when nobody writes any more. */
  async finish() {
    while (await this.#step(true)) {
      // As above.
    }
  }

  #step(last: boolean): Promise<boolean> {
    const running = this.#running;
    if (running && !last) return running.then(() => false);
    const step = (running ?? Promise.resolve()).then(() => this.#read(last));
    const settled = step.finally(() => {
      if (this.#running === settled) this.#running = null;
    });
    this.#running = settled;
    return settled;
  }

  /** One read; true when there may be more. */
  async #read(last: boolean): Promise<boolean> {
    const { path, spool, maxBytes, maxLines = MAX_LINES } = this.options;
    const start = spool.logEnd;
    if (start >= maxBytes) return this.#stopReading(logTooLong(maxBytes));
    if (spool.logLines >= maxLines) return this.#stopReading(tooManyLines(maxLines));
    const bytes = await readAt(path, start, READ_BYTES);
    if (bytes.byteLength === 0) return false;
    const atEnd = last && bytes.byteLength < READ_BYTES;
    const { lines, taken } = this.#cut(bytes, atEnd);
    if (taken === 0) return false;
    const at = this.options.clock.now().toISOString();
    const drafts: SpoolLine[] = lines.map((line) => ({
      record: { type: "log", at, text: line.text },
      log_end: start + line.end,
    }));
    await spool.append(drafts);
    return bytes.byteLength === READ_BYTES;
  }

  #stopReading(failure: SessionFailure) {
    if (!this.#tooLong) this.options.onTooLong(failure);
    this.#tooLong = true;
    return false;
  }

  #cut(bytes: Buffer, atEnd: boolean) {
    const lines: { text: string; end: number }[] = [];
    let start = 0;
    const take = (end: number, next: number) => {
      const shorter = end > start && bytes[end - 1] === 13 ? end - 1 : end;
      lines.push({
        text: this.#decoder.decode(bytes.subarray(start, shorter)).replaceAll("\0", "\uFFFD"),
        end: next,
      });
      start = next;
    };
    while (start < bytes.byteLength) {
      const newline = bytes.indexOf(NEWLINE, start);
      const end = newline < 0 ? bytes.byteLength : newline;
      if (end - start > MAX_LINE_BYTES) {
        const cut = characterStart(bytes, start + MAX_LINE_BYTES);
        take(cut, cut);
      } else if (newline >= 0) take(newline, newline + 1);
      else if (atEnd) take(end, end);
      else break;
    }
    return { lines, taken: start };
  }
}

/** The last place at or before `index` where a UTF-8 character begins. */
function characterStart(bytes: Buffer, index: number): number {
  for (let at = index; at > index - 4; at--) if (((bytes[at] ?? 0) & 0xc0) !== 0x80) return at;
  return index;
}

async function readAt(path: string, position: number, length: number): Promise<Buffer> {
  try {
    const file = await open(path, "r");
    try {
      const bytes = Buffer.allocUnsafe(length);
      const { bytesRead } = await file.read(bytes, 0, length, position);
      return bytes.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (isErrno(error, "ENOENT")) return Buffer.alloc(0);
    throw error;
  }
}
