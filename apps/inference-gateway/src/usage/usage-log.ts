import { type FileHandle, open, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { usageReportSchema } from "@podium/shared";
import { z } from "zod";
import type { UsageReport } from "../routing/hub-client.ts";
import type { UsageItem } from "./usage-counter.ts";

const lineSchema = z.union([
  z.object({ report: usageReportSchema }),
  z.object({ acknowledged: z.number().int() }),
]);

/** A report may hold that many endpoints; see `usageReportSchema`. */
const MAX_ITEMS = 10_000;
/** The file is rewritten, without what the hub has, when it has grown beyond this. */
const REWRITE_ABOVE_BYTES = 64 * 1024;

/**
 * Reports that the hub has not acknowledged yet, in an append-only file of JSON lines:
 * `{"report": …}` when one is made, `{"acknowledged": n}` when the hub has all up to n.
 *
 * Crashes: before a report's line is synced, its calls are lost (at most one flush interval of them, never counted
 * twice); half a line is cut off at the next start; between the hub's answer and the `acknowledged` line the report is
 * sent again with its old sequence, which the hub ignores.
 */
export class UsageLog {
  #pending: UsageReport[] = [];
  #acknowledged = 0;
  #lastSequence = 0;
  #size = 0;
  #writing: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly path: string,
    private readonly gatewayId: string,
    private file: FileHandle,
  ) {}

  static async open(folder: string, gatewayId: string): Promise<UsageLog> {
    const path = join(folder, "usage.jsonl");
    const log = new UsageLog(path, gatewayId, await open(path, "a+", 0o600));
    await log.#load();
    return log;
  }

  /** Reports to send, oldest first. */
  get pending(): readonly UsageReport[] {
    return this.#pending;
  }

  /** Makes reports of these counts; resolves when they are on the disk. Rejects, having written nothing, when it is full. */
  append(items: UsageItem[]): Promise<void> {
    return this.#inOrder(async () => {
      const reports: UsageReport[] = [];
      for (let start = 0; start < items.length; start += MAX_ITEMS) {
        const sequence = this.#lastSequence + reports.length + 1;
        reports.push({ gateway_id: this.gatewayId, sequence, items: items.slice(start, start + MAX_ITEMS) });
      }
      await this.#write(reports.map((report) => ({ report })));
      this.#lastSequence += reports.length;
      this.#pending.push(...reports);
    });
  }

  /** The hub has every report up to `sequence`. */
  acknowledge(sequence: number): Promise<void> {
    return this.#inOrder(async () => {
      this.#pending = this.#pending.filter((report) => report.sequence > sequence);
      this.#acknowledged = sequence;
      if (this.#size > REWRITE_ABOVE_BYTES) await this.#rewrite();
      else await this.#write([{ acknowledged: sequence }]);
    });
  }

  async close() {
    await this.#inOrder(() => this.file.close());
  }

  async #load() {
    const bytes = await readFile(this.path);
    const whole = bytes.lastIndexOf(0x0a) + 1;
    if (whole < bytes.byteLength) await this.file.truncate(whole);
    this.#size = whole;
    for (const text of bytes.subarray(0, whole).toString("utf8").split("\n")) {
      if (text !== "") this.#replay(lineSchema.parse(JSON.parse(text)));
    }
  }

  #replay(line: z.infer<typeof lineSchema>) {
    if ("report" in line) {
      this.#lastSequence = line.report.sequence;
      this.#pending.push(line.report);
      return;
    }
    this.#acknowledged = line.acknowledged;
    this.#lastSequence = Math.max(this.#lastSequence, line.acknowledged);
    this.#pending = this.#pending.filter((report) => report.sequence > line.acknowledged);
  }

  async #write(lines: unknown[]) {
    const bytes = Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
    try {
      await this.file.appendFile(bytes);
      await this.file.datasync();
    } catch (error) {
      // Half a line must not stand before the next one.
      await this.file.truncate(this.#size).catch(() => {});
      throw error;
    }
    this.#size += bytes.byteLength;
  }

  /** Replaces the file whole by what still matters. */
  async #rewrite() {
    const lines = [{ acknowledged: this.#acknowledged }, ...this.#pending.map((report) => ({ report }))];
    const bytes = Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
    const partial = `${this.path}.partial`;
    const fresh = await open(partial, "w", 0o600);
    try {
      await fresh.writeFile(bytes);
      await fresh.sync();
    } finally {
      await fresh.close();
    }
    await rename(partial, this.path);
    await this.file.close();
    this.file = await open(this.path, "a+", 0o600);
    this.#size = bytes.byteLength;
  }

  /** One write at a time, in the order they were asked for. */
  #inOrder<T>(write: () => Promise<T>): Promise<T> {
    const result = this.#writing.then(write);
    this.#writing = result.catch(() => {});
    return result;
  }
}
