import { listProcesses, memoryBytes, type ProcessRow } from "../../scripts/stack/process-table.ts";

export interface MemoryPeaks {
  /** Largest sum over all processes at one moment, in bytes; shared pages count once. */
  totalBytes: number;
  /** By the kind of process: the largest sum over those of that kind at one moment. */
  byKind: Map<string, number>;
}

const EVERY_MS = 200;

/**
 * Follows a process and all its descendants, those that outlive their parent too, until `stop`.
 * @param kindOf names what a command line belongs to
 */
export function watchMemory(
  rootPid: number,
  kindOf: (command: string) => string,
): { stop: () => MemoryPeaks } {
  const known = new Set([rootPid]);
  const peaks: MemoryPeaks = { totalBytes: 0, byKind: new Map() };
  const timer = setInterval(() => sample(known, peaks, kindOf), EVERY_MS);
  return {
    stop: () => {
      clearInterval(timer);
      return peaks;
    },
  };
}

function sample(known: Set<number>, peaks: MemoryPeaks, kindOf: (command: string) => string): void {
  const now = new Map<string, number>();
  let total = 0;
  for (const { pid, command } of familyOf(known)) {
    const bytes = memoryBytes(pid);
    const kind = kindOf(command);
    now.set(kind, (now.get(kind) ?? 0) + bytes);
    total += bytes;
  }
  peaks.totalBytes = Math.max(peaks.totalBytes, total);
  for (const [kind, bytes] of now) peaks.byKind.set(kind, Math.max(peaks.byKind.get(kind) ?? 0, bytes));
}

/** Running processes of the family; remembers each, and so keeps those whose parent has ended. */
function familyOf(known: Set<number>): ProcessRow[] {
  const rows = listProcesses();
  for (let before = -1; before !== known.size; ) {
    before = known.size;
    for (const { pid, parentPid } of rows) if (known.has(parentPid)) known.add(pid);
  }
  return rows.filter(({ pid }) => known.has(pid));
}
