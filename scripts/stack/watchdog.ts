import { spawn } from "node:child_process";
import { isAlive, signalProcess } from "./process-table.ts";

const SCRIPT = `read -r _
pid=$1; token=$2; shift 2
ours() { tr '\\0' ' ' < "/proc/$pid/cmdline" 2>/dev/null | grep -qF -- "$token"; }
for signal in "$@" KILL; do
  ours || exit 0
  kill -s "$signal" "$pid"
  tries=40
  while [ $tries -gt 0 ] && ours; do sleep 0.2; tries=$((tries - 1)); done
done`;

/**
 * Ends a foreign program when this process is killed: a shell that waits until our end of its stdin closes,
 * then sends the signals one after the other, eight seconds each, and SIGKILL at last.
 * @param token part of the program's command line, so that a reused pid is never signalled
 * @returns ends the watchdog itself
 */
export function watchdog(pid: number, token: string, signals: string[]): () => void {
  const dog = spawn("sh", ["-c", SCRIPT, "podium-watchdog", String(pid), token, ...signals], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  dog.unref();
  return () => {
    if (dog.pid !== undefined && isAlive(dog.pid)) signalProcess(-dog.pid, "SIGKILL");
  };
}
