import { type FileHandle, open, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { usageReportSchema } from "@podium/shared";
import { z } from "zod";
import type { UsageReport } from "../routing/hub-client.ts";
import { nameOf, type UsageItem } from "./usage-item.ts";

const toldSchema = z.object({
  generation: z.number().int().positive(),
  of: z.record(z.string(), z.tuple([z.number(), z.number()])),
});
/** How far the running counts of one file have been reported, by name: calls and failed calls. */
export type ToldTotals = z.infer<typeof toldSchema>;

const lineSchema = z.union([
  z.object({ report: usageReportSchema, told: toldSchema.optional() }),
  z.object({ acknowledged: z.number().int(), told: toldSchema.optional() }),
]);

/** A report may hold that many endpoints; see `usageReportSchema`. */
const MAX_ITEMS = 10_000;
/** The file is rewritten, without what the hub has, when it has grown beyond this. */
const REWRITE_ABOVE_BYTES = 64 * 1024;

/**
 * Reports that the hub has not acknowledged yet, in an append-only file of JSON lines:
 * `{"report": …, "told": …}` when one is made, `{"acknowledged": n}` when the hub has all up to n. `told` says up to where
 * the running counts are in reports: one line holds both, so that either both are on the disk or neither.
 *
 * Crashes: before a report's line is whole, its calls are still in the running counts; half a line is cut off at the
 * next start; between the hub's answer and the `acknowledged` line the report is
 * sent again with its old sequence, which the hub ignores.
 */
export class UsageLog {
  #pending: UsageReport[] = [];
  #acknowledged = 0;
  #told: ToldTotals | null = null;
  #lastSequence = 0;
  #size = 0;
  #rewriteAbove = REWRITE_ABOVE_BYTES;
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

  /** How far the counts of the latest file have been reported. */
  get told(): ToldTotals | null {
    return this.#told;
  }

  /**
   * Makes reports of these counts; resolves when they are on the disk. Rejects, having written nothing, when it is full.
   * @param told up to where that takes the running counts @param at when the calls were made; null: unknown
   */
  append(items: UsageItem[], told: ToldTotals, at: Date | null): Promise<void> {
    return this.#inOrder(async () => {
      const lines: { report: UsageReport; told: ToldTotals }[] = [];
      for (let start = 0; start < items.length; start += MAX_ITEMS) {
        const sequence = this.#lastSequence + lines.length + 1;
        const part = items.slice(start, start + MAX_ITEMS);
        const when = at === null ? {} : { counted_at: at.toISOString() };
        const report = { gateway_id: this.gatewayId, sequence, ...when, items: part };
        lines.push({ report, told: { ...told, of: partOf(told.of, part) } });
      }
      await this.#write(lines);
      this.#learn(told);
      this.#lastSequence += lines.length;
      this.#pending.push(...lines.map(({ report }) => report));
    });
  }

  /** The hub has every report up to `sequence`. */
  acknowledge(sequence: number): Promise<void> {
    return this.#inOrder(async () => {
      this.#pending = this.#pending.filter((report) => report.sequence > sequence);
      this.#acknowledged = sequence;
      if (this.#size > this.#rewriteAbove) await this.#rewrite();
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
    if (line.told) this.#learn(line.told);
    if ("report" in line) {
      this.#lastSequence = line.report.sequence;
      this.#pending.push(line.report);
      return;
    }
    this.#acknowledged = line.acknowledged;
    this.#lastSequence = Math.max(this.#lastSequence, line.acknowledged);
    this.#pending = this.#pending.filter((report) => report.sequence > line.acknowledged);
  }

  #learn(told: ToldTotals) {
    const known = this.#told?.generation === told.generation ? this.#told.of : {};
    this.#told = { generation: told.generation, of: { ...known, ...told.of } };
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
    const told = this.#told ? { told: this.#told } : {};
    const lines = [
      { acknowledged: this.#acknowledged, ...told },
      ...this.#pending.map((report) => ({ report })),
    ];
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
    this.#rewriteAbove = Math.max(REWRITE_ABOVE_BYTES, 4 * this.#size);
  }

  /** One write at a time, in the order they were asked for. */
  #inOrder<T>(write: () => Promise<T>): Promise<T> {
    const result = this.#writing.then(write);
    this.#writing = result.catch(() => {});
    return result;
  }
}

function partOf(totals: ToldTotals["of"], items: readonly UsageItem[]): ToldTotals["of"] {
  const part: ToldTotals["of"] = {};
  for (const name of items.map(nameOf)) if (totals[name]) part[name] = totals[name];
  return part;
}
