import { createReadStream } from "node:fs";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
/** One Ctrl-C can arrive several times: from the terminal, and passed on by npm and podium.mjs. */
const SAME_SIGNAL_MS = 700;

/**
 * Resolves at the first signal to stop, or when the process that started us is gone.
 * `onSecond` is called at the next signal after it.
 */
export function stopRequested(onSecond: () => void): Promise<void> {
  return new Promise((resolve) => {
    let firstAt: number | undefined;
    const stop = () => {
      if (firstAt !== undefined && performance.now() - firstAt > SAME_SIGNAL_MS) onSecond();
      firstAt ??= performance.now();
      resolve();
    };
    for (const signal of SIGNALS) process.on(signal, stop);
    whenParentEnds(stop);
  });
}

/** scripts/podium.mjs holds the other end of this stream and never writes: it closes when that process dies. */
function whenParentEnds(stop: () => void): void {
  const [parent, fd] = (process.env["PODIUM_PARENT"] ?? "").split(":").map(Number);
  // Grandchildren inherit the variable, but not the stream.
  if (parent !== process.ppid || fd === undefined) return;
  const stream = createReadStream("", { fd });
  stream.on("close", stop).on("error", stop).resume();
}
