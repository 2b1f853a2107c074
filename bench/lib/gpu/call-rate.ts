import { median } from "../median.ts";

/** Calls for so long, so many at once, each its next when it has its answer. Rejects with the first that fails. */
export async function callRate(
  call: () => Promise<unknown>,
  callers: number,
  ms: number,
): Promise<{ perSecond: number; p50Ms: number }> {
  const tookMs: number[] = [];
  const warmUntil = performance.now() + 1_000;
  const until = warmUntil + ms;
  const one = async () => {
    for (let started = performance.now(); started < until; started = performance.now()) {
      await call();
      if (started >= warmUntil) tookMs.push(performance.now() - started);
    }
  };
  await Promise.all(Array.from({ length: callers }, one));
  return { perSecond: (tookMs.length / ms) * 1000, p50Ms: median(tookMs) };
}
