import type { ProcessInfo } from "./proc.ts";

const ROUNDS_TO_STOP = 50;
const WARN_AFTER_ROUNDS = 200;
const LONGEST_WAIT_MS = 250;

/**
 * Kills what `list` returns until it returns nothing twice in a row. All are stopped before any is killed, so that a
 * process that forks as fast as it can does not win the race. Never gives up: a process in an uninterruptible call
 * must be known to be gone before its devices are handed on.
 */
export async function killProcesses(list: () => ProcessInfo[], onStuck: (pids: number[]) => void) {
  let waitMs = 2;
  for (let empty = 0, round = 1; empty < 2; round++) {
    const found = stopAll(list);
    if (found.length === 0) {
      empty++;
      continue;
    }
    empty = 0;
    for (const process of found) send(process.pid, "SIGKILL");
    await Bun.sleep(waitMs);
    waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
    if (round % WARN_AFTER_ROUNDS === 0) onStuck(found.map((process) => process.pid));
  }
}

function stopAll(list: () => ProcessInfo[]): ProcessInfo[] {
  const stopped = new Map<number, ProcessInfo>();
  for (let round = 0; round < ROUNDS_TO_STOP; round++) {
    const fresh = list().filter((process) => !stopped.has(process.pid));
    if (fresh.length === 0) break;
    for (const process of fresh) {
      send(process.pid, "SIGSTOP");
      stopped.set(process.pid, process);
    }
  }
  return [...stopped.values()];
}

function send(pid: number, signal: "SIGSTOP" | "SIGKILL") {
  try {
    process.kill(pid, signal);
  } catch {
    // It is gone already.
  }
}
