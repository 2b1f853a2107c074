/** The ways in which a runner is told to stop: a signal, its parent's end, or a refusal by the hub. */
export function untilToldToStop(exitWithParent: boolean) {
  const first = new AbortController();
  let onSecond: () => void = () => {};
  let failure: string | null = null;
  const tell = () => {
    if (first.signal.aborted) onSecond();
    else first.abort(new Error("The runner was told to stop."));
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, tell);
  if (exitWithParent) {
    process.stdin.on("end", tell);
    process.stdin.on("error", tell);
    process.stdin.resume();
  }
  return {
    first: first.signal,
    stopped: new Promise<void>((resolve) =>
      first.signal.addEventListener("abort", () => resolve(), { once: true }),
    ),
    /** A second signal: no more patience. */
    onSecond(hurry: () => void) {
      onSecond = hurry;
    },
    fail(message: string) {
      failure ??= message;
      if (!first.signal.aborted) tell();
    },
    get failure() {
      return failure;
    },
  };
}
