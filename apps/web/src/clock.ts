import { useSyncExternalStore } from "react";

const TICK_MS = 10_000;
const watchers = new Set<() => void>();
let ticking: ReturnType<typeof setInterval> | undefined;
let tick = Date.now();

// Milliseconds since the epoch: the only place of the page that asks what time it is.
const now = () => Date.now();

/** The time, renewed every ten seconds, so that "2 min ago" stays true. One timer serves the whole page. */
export function useNow(): number {
  return useSyncExternalStore(watch, () => tick);
}

function watch(onTick: () => void): () => void {
  watchers.add(onTick);
  if (ticking === undefined) {
    tick = now();
    ticking = setInterval(() => {
      tick = now();
      for (const notify of watchers) notify();
    }, TICK_MS);
  }
  return () => {
    watchers.delete(onTick);
    if (watchers.size > 0) return;
    clearInterval(ticking);
    ticking = undefined;
  };
}
