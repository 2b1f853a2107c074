import { attemptMarker, listProcesses, type ProcessInfo, usesFolder } from "./proc.ts";
import type { ProcessRef } from "./process-ref.ts";

const SAMPLE_MS = 100;
/** At most this share of one core goes into looking at processes, on machines that run thousands of them. */
const SCAN_SHARE = 0.05;

const keyOf = (process: ProcessInfo) => `${process.pid}:${process.start_time}`;

/**
 * Which processes of the machine belong to which attempt. A process belongs to one by its environment, its process
 * group or session, its parent, or because it once did: leaving one's group or clearing the environment hides nobody
 * who has been seen before.
 */
export class ProcessTable {
  /** owner of every process seen, by pid and start time; null for those of nobody */
  #owners = new Map<string, string | null>();
  #processes: ProcessInfo[] = [];
  readonly #watchers = new Set<() => void>();
  #timer: Timer | null = null;

  /** Reads the whole table again. */
  refresh() {
    this.#processes = listProcesses();
    const owners = new Map<string, string | null>();
    for (const process of this.#processes) {
      const key = keyOf(process);
      const known = this.#owners.get(key);
      owners.set(key, known === undefined ? attemptMarker(process.pid) : known);
    }
    this.#owners = owners;
  }

  /** The attempt's processes as of the last `refresh`. */
  of(attemptId: string, ref: ProcessRef | null): ProcessInfo[] {
    const root = ref && this.#processes.find((p) => p.pid === ref.pid && p.start_time === ref.start_time);
    const children = new Map<number, ProcessInfo[]>();
    for (const process of this.#processes) {
      const siblings = children.get(process.parent);
      if (siblings) siblings.push(process);
      else children.set(process.parent, [process]);
    }
    const members = new Map<number, ProcessInfo>();
    const add = (process: ProcessInfo) => {
      if (members.has(process.pid) || this.#belongsToAnother(process, attemptId)) return;
      members.set(process.pid, process);
      this.#owners.set(keyOf(process), attemptId);
      for (const child of children.get(process.pid) ?? []) add(child);
    };
    for (const process of this.#processes) {
      const related =
        root && (process === root || process.group === root.pid || process.session === root.pid);
      if (related || this.#owners.get(keyOf(process)) === attemptId) add(process);
    }
    return [...members.values()];
  }

  /** As `of`, and also those that only their open files give away: a daemon that wiped its environment. */
  thoroughlyOf(attemptId: string, ref: ProcessRef | null, folder: string): ProcessInfo[] {
    for (const process of this.#processes) {
      if (this.#owners.get(keyOf(process))) continue;
      if (process.pid !== globalThis.process.pid && usesFolder(process.pid, folder)) {
        this.#owners.set(keyOf(process), attemptId);
      }
    }
    return this.of(attemptId, ref);
  }

  /** Calls back after every refresh, about ten times a second, until the returned function is called. */
  watch(onRefresh: () => void): () => void {
    this.#watchers.add(onRefresh);
    if (!this.#timer) this.#schedule(SAMPLE_MS);
    return () => {
      this.#watchers.delete(onRefresh);
      if (this.#watchers.size === 0 && this.#timer) {
        clearTimeout(this.#timer);
        this.#timer = null;
      }
    };
  }

  #belongsToAnother(process: ProcessInfo, attemptId: string) {
    const owner = this.#owners.get(keyOf(process));
    return (owner && owner !== attemptId) || process.pid === globalThis.process.pid || process.pid === 1;
  }

  #schedule(delayMs: number) {
    this.#timer = setTimeout(() => {
      const started = Bun.nanoseconds();
      this.refresh();
      for (const onRefresh of [...this.#watchers]) onRefresh();
      const spentMs = (Bun.nanoseconds() - started) / 1e6;
      if (this.#watchers.size > 0) this.#schedule(Math.max(SAMPLE_MS, spentMs / SCAN_SHARE));
      else this.#timer = null;
    }, delayMs);
  }
}
