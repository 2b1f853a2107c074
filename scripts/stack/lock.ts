import { spawnSync } from "node:child_process";
import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from "node:fs";

/**
 * Takes the lock file for as long as this process lives, and returns how to let go of it.
 * Throws with the holder's pid when another process has it. The kernel owns the lock (flock), so none is ever stale.
 */
export function takeLock(path: string, what: string): () => void {
  const fd = openSync(path, "a+", 0o600);
  // `flock` locks the open file that it shares with us, and so the lock stays ours after it has ended.
  const tried = spawnSync("flock", ["--exclusive", "--nonblock", "3"], {
    stdio: ["ignore", "ignore", "ignore", fd],
  });
  if (tried.status !== 0) {
    closeSync(fd);
    if (tried.error) throw new Error("`flock` is missing: install the package util-linux.");
    throw new Error(
      `${what} is in use by process ${readFileSync(path, "utf8").trim() || "(unknown)"}: stop that one first.`,
    );
  }
  ftruncateSync(fd);
  writeSync(fd, String(process.pid));
  return () => closeSync(fd);
}
