import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { CountFile, type Counts } from "./count-file.ts";
import { nameOf, type UsageItem } from "./usage-item.ts";
import type { ToldTotals, UsageLog } from "./usage-log.ts";

/** Where the calls of one endpoint and key are counted, before their answers leave. Takes its place at the first one. */
export class Usage {
  #counts: Counts | null = null;

  constructor(private readonly open: () => Counts) {}

  add(answered: boolean) {
    this.#counts ??= this.open();
    const counts = this.#counts;
    counts[0] = (counts[0] ?? 0) + 1;
    if (!answered) counts[1] = (counts[1] ?? 0) + 1;
  }
}

const FILE = /^usage-counts\.(\d+)$/;

/**
 * Counts calls where kill -9 can't take them. The counts only grow; the usage log says up to where they have been
 * reported. Each start closes the last file, reports what it held beyond that, and begins another.
 *
 * Crashes: a count is stored before its answer leaves, so an answered call is always on the bill, and of those that
 * were under way at most the ones that had just been counted. Between the log's line and whatever follows, the log
 * rules: what a line covers is not reported again.
 */
export class UsageCounter {
  /** what the log has of each name */
  readonly #told = new Map<string, { calls: number; failed: number }>();
  /** names that found no room in the file: lost when the process is killed */
  readonly #beyond = new Map<string, Counts>();

  private constructor(
    private readonly file: CountFile,
    private readonly generation: number,
    private readonly log: UsageLog,
  ) {}

  /** Opens the counts of a folder; what earlier processes left unreported is in the log afterwards. */
  static async open(folder: string, log: UsageLog): Promise<UsageCounter> {
    const generations = (await readdir(folder))
      .flatMap((name) => FILE.exec(name)?.[1] ?? [])
      .map(Number)
      .sort((a, b) => a - b);
    const pathOf = (generation: number) => join(folder, `usage-counts.${generation}`);
    for (const generation of generations) {
      const left = new UsageCounter(await CountFile.open(pathOf(generation)), generation, log);
      left.#knowTold(log.told);
      if (generation >= (log.told?.generation ?? 0)) await left.report(null);
    }
    const next = Math.max(0, log.told?.generation ?? 0, ...generations) + 1;
    const counter = new UsageCounter(await CountFile.open(pathOf(next)), next, log);
    for (const generation of generations) await rm(pathOf(generation));
    return counter;
  }

  /** The running count of one endpoint and key, to be added to directly. */
  of(endpointId: string, keyId: string | null): Usage {
    const name = nameOf({ endpoint_id: endpointId, ...(keyId ? { key_id: keyId } : {}) });
    return new Usage(() => this.file.of(name) ?? this.#countBeyond(name));
  }

  #countBeyond(name: string): Counts {
    const counts = this.#beyond.get(name) ?? new Float64Array(2);
    this.#beyond.set(name, counts);
    return counts;
  }

  /**
   * Takes what was counted since the last report to the log. Rejects, having reported nothing, when that can't be written.
   * @param at when the calls were made, as far as it is known; null: nobody knows
   */
  async report(at: Date | null): Promise<void> {
    const items: UsageItem[] = [];
    const totals: ToldTotals["of"] = {};
    for (const [name, [calls = 0, failed = 0]] of [...this.file.entries(), ...this.#beyond]) {
      const told = this.#told.get(name) ?? { calls: 0, failed: 0 };
      if (calls <= told.calls) continue;
      const [endpoint_id = "", key_id] = name.split("/");
      const more = { calls: calls - told.calls, failed: Math.max(0, failed - told.failed) };
      items.push({ endpoint_id, ...(key_id ? { key_id } : {}), ...more });
      totals[name] = [calls, failed];
    }
    if (items.length === 0) return;
    await this.log.append(items, { generation: this.generation, of: totals }, at);
    for (const [name, [calls, failed]] of Object.entries(totals)) this.#told.set(name, { calls, failed });
  }

  #knowTold(told: ToldTotals | null) {
    if (told?.generation !== this.generation) return;
    for (const [name, [calls, failed]] of Object.entries(told.of)) this.#told.set(name, { calls, failed });
  }
}
