import { attemptMarker, listProcesses, type ProcessInfo } from "../executors/process/proc.ts";

/** Ticks a second in /proc/PID/stat, on every architecture that Linux runs GPUs on. */
const TICKS_PER_SECOND = 100;

export interface AttemptUse {
  attempt_id: string;
  processes: number;
  memory_bytes: number;
  cpu_ms: number;
}

interface Known {
  owner: string | null;
  ticks: number;
}

/**
 * Which attempt each process of the machine belongs to, in containers or not, and what attempts use. A child belongs to
 * its parent's attempt whatever its environment says, and what was seen once stays: nobody can take another's name.
 */
export class AttemptProcesses {
  /** by pid and start time */
  #known = new Map<string, Known>();
  #owners = new Map<number, string | null>();
  /** clock ticks of each attempt, those of processes that have ended included */
  #ticks = new Map<string, number>();
  #uses: AttemptUse[] = [];

  constructor(private readonly list: () => ProcessInfo[] = listProcesses) {}

  /** Reads the table of processes again. */
  refresh() {
    const processes = new Map(this.list().map((process) => [process.pid, process]));
    const known = new Map<string, Known>();
    const owners = new Map<number, string | null>();
    const ownerOf = (process: ProcessInfo, depth: number): string | null => {
      const decided = owners.get(process.pid);
      if (decided !== undefined) return decided;
      const parent = process.parent > 1 && depth < 100 ? processes.get(process.parent) : undefined;
      const owner =
        this.#known.get(keyOf(process))?.owner ??
        (parent ? ownerOf(parent, depth + 1) : null) ??
        (this.#known.has(keyOf(process)) ? null : attemptMarker(process.pid));
      owners.set(process.pid, owner);
      return owner;
    };
    const uses = new Map<string, AttemptUse>();
    for (const process of processes.values()) {
      const owner = ownerOf(process, 0);
      known.set(keyOf(process), { owner, ticks: process.cpu_ticks });
      if (owner !== null) this.#add(uses, owner, process);
    }
    for (const attempt of this.#ticks.keys()) if (!uses.has(attempt)) this.#ticks.delete(attempt);
    for (const use of uses.values())
      use.cpu_ms = ((this.#ticks.get(use.attempt_id) ?? 0) * 1000) / TICKS_PER_SECOND;
    this.#known = known;
    this.#owners = owners;
    this.#uses = [...uses.values()];
  }

  /** As of the last `refresh`; attempts without a process are not listed. */
  get uses(): readonly AttemptUse[] {
    return this.#uses;
  }

  /** The attempt that a process belonged to at the last `refresh`. */
  ownerOf(pid: number): string | null {
    return this.#owners.get(pid) ?? null;
  }

  #add(uses: Map<string, AttemptUse>, owner: string, process: ProcessInfo) {
    const use = uses.get(owner) ?? { attempt_id: owner, processes: 0, memory_bytes: 0, cpu_ms: 0 };
    use.processes += 1;
    use.memory_bytes += process.rss_bytes;
    uses.set(owner, use);
    const before = this.#known.get(keyOf(process))?.ticks ?? 0;
    this.#ticks.set(owner, (this.#ticks.get(owner) ?? 0) + Math.max(0, process.cpu_ticks - before));
  }
}

const keyOf = ({ pid, start_time }: ProcessInfo) => `${pid}:${start_time}`;
