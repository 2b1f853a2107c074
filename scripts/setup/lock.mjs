import { spawnSync } from "node:child_process";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Runs `work` while holding the lock file; waits for another holder and calls `onWait` first.
 * The kernel owns the lock (flock on our open file), so a holder that is killed leaves nothing stale.
 */
export function withLock(path, work, onWait) {
  mkdirSync(dirname(path), { recursive: true });
  const fd = openSync(path, "a");
  try {
    if (!flock(fd, ["--nonblock"])) {
      onWait();
      if (!flock(fd, [])) throw new Error(`could not lock ${path}.`);
    }
    return work();
  } finally {
    closeSync(fd);
  }
}

// `flock` locks the open file that it shares with us, and so the lock stays ours after it has ended.
function flock(fd, options) {
  return (
    spawnSync("flock", ["--exclusive", ...options, "3"], { stdio: ["ignore", "ignore", "ignore", fd] })
      .status === 0
  );
}
